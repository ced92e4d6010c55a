import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchOf, EngineRun, SECOND, type TapeEvent } from './engine-run.ts';

const TIMEFRAMES = ['1s', '5s', '1m'];
const SPAN_S = 150;

/** Trades, quotes, amendments and notices in order of receive time; a good part of them late, doubled or wrong. */
const roughTape: fc.Arbitrary<TapeEvent[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(
        ...(['trade', 'trade', 'trade', 'trade', 'quote', 'cancel', 'correct', 'status', 'tick', 'malformed'] as const),
      ),
      symbol: fc.integer({ min: 0, max: 2 }),
      recvSteps: fc.integer({ min: 0, max: SPAN_S * 4 }),
      lateSteps: fc.constantFrom(0, 0, 0, 1, 8, 60, 300),
      price: fc.oneof(
        { weight: 20, arbitrary: fc.integer({ min: 9900, max: 10100 }) },
        fc.constantFrom(-100, Number.NaN),
      ),
      size: fc.integer({ min: 0, max: 900 }),
      id: fc.integer({ min: 1, max: 60 }),
      state: fc.constantFrom('connected' as const, 'disconnected' as const),
      source: fc.constantFrom('test', 'demo'),
    }),
    { minLength: 1, maxLength: 120 },
  )
  .map((list) =>
    list
      .toSorted((a, b) => a.recvSteps - b.recvSteps)
      .map(({ kind, symbol, recvSteps, lateSteps, price, size, id, state, source }): TapeEvent => {
        const recv = recvSteps * 250_000;
        const ts = kind === 'status' || kind === 'tick' ? recv : Math.max(0, recv - lateSteps * 250_000);
        const base = { kind, symbol: kind === 'tick' ? -1 : symbol, ts, recv, source };
        if (kind === 'trade' || kind === 'correct') return { ...base, id, numbers: [price / 100, size] };
        if (kind === 'quote') return { ...base, numbers: [price / 100, size, price / 100 + 0.01, 1] };
        if (kind === 'cancel') return { ...base, id };
        if (kind === 'status') return { ...base, payload: { type: 'status', state, reason: 'x' } };
        if (kind === 'malformed')
          return { ...base, payload: { type: 'malformed', reason: 'bad', detail: '', raw: '' } };
        return base;
      }),
  );

const settings = { timeframes: TIMEFRAMES, revisionWindowMs: 30_000, gapAfterS: 7 };

function runInBatches(tape: readonly TapeEvent[], sizes: readonly number[]): EngineRun {
  const run = new EngineRun(settings);
  for (let at = 0, i = 0; at < tape.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1);
    run.handle(...tape.slice(at, at + size));
    at += size;
  }
  run.engine.finish();
  return run;
}

describe('determinism of the engine', () => {
  it('how a tape is cut into batches changes nothing', () => {
    fc.assert(
      fc.property(
        roughTape,
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        (tape, sizes) => {
          const whole = runInBatches(tape, [tape.length]);
          const parts = runInBatches(tape, sizes);
          expect(parts.words).toEqual(whole.words);
          expect(parts.digest.hex()).toBe(whole.digest.hex());
          expect(parts.finals.hex()).toBe(whole.finals.hex());
        },
      ),
      { numRuns: 120 },
    );
  });

  it('a row range of a batch is as good as a batch of its own', () => {
    fc.assert(
      fc.property(roughTape, fc.double({ min: 0, max: 1, noNaN: true }), (tape, share) => {
        const whole = runInBatches(tape, [tape.length]);
        const run = new EngineRun(settings);
        const batch = batchOf(tape, run.universe);
        const cut = Math.floor(share * batch.length);
        run.engine.handle(batch, 0, cut);
        run.engine.handle(batch, cut);
        run.engine.finish();
        expect(run.digest.hex()).toBe(whole.digest.hex());
      }),
      { numRuns: 60 },
    );
  });

  it('snapshot and restore at any event go on to the same outputs, bit for bit', () => {
    fc.assert(
      fc.property(roughTape, fc.double({ min: 0, max: 1, noNaN: true }), (tape, share) => {
        const whole = runInBatches(tape, [1]);
        const cut = Math.floor(share * tape.length);
        const first = new EngineRun(settings);
        for (const event of tape.slice(0, cut)) first.handle(event);
        const second = new EngineRun(settings);
        second.engine.restore(first.engine.snapshot());
        second.digest.restore(first.digest.snapshot());
        expect(second.engine.snapshot()).toEqual(first.engine.snapshot());
        for (const event of tape.slice(cut)) second.handle(event);
        second.engine.finish();
        expect([...first.words, ...second.words]).toEqual(whole.words);
        expect(second.digest.hex()).toBe(whole.digest.hex());
        expect(second.engine.events).toBe(whole.engine.events);
        expect(second.engine.counters()).toEqual(whole.engine.counters());
      }),
      { numRuns: 120 },
    );
  });

  it('a restored engine knows that it lost no tick: an unmatched correction asks for no repair', () => {
    const tape: TapeEvent[] = [
      { kind: 'trade', symbol: 2, ts: 0, id: 1, numbers: [99, 1] },
      { kind: 'trade', symbol: 2, ts: 91 * SECOND, id: 2, numbers: [99, 1] },
    ];
    const correction: TapeEvent = { kind: 'correct', symbol: 2, ts: 91 * SECOND, id: 3, numbers: [98, 1] };
    const whole = new EngineRun(settings).handle(...tape);
    const restored = new EngineRun(settings);
    restored.engine.restore(whole.engine.snapshot());
    expect(whole.handle(correction).repairs).toEqual([]);
    expect(restored.handle(correction).repairs).toEqual([]);
  });

  it('a damaged snapshot is refused, not half taken', () => {
    const run = new EngineRun(settings);
    run.handle({ kind: 'trade', ts: 0, numbers: [1, 1] });
    const bytes = run.engine.snapshot();
    for (const length of [0, 3, 10, bytes.length >> 1, bytes.length - 1]) {
      expect(() => new EngineRun(settings).engine.restore(bytes.slice(0, length))).toThrow(/snapshot/i);
    }
  });
});

/** Trades in order of event time, with a lateness for each. */
const lateTrades = fc.array(
  fc.record({
    symbol: fc.integer({ min: 0, max: 1 }),
    // Coarse steps make equal event times common.
    step: fc.integer({ min: 0, max: SPAN_S * 4 }),
    lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 29_000 })),
    price: fc.integer({ min: 9990, max: 10010 }),
    size: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.double({ min: 1e-8, max: 50, noNaN: true })),
  }),
  { minLength: 1, maxLength: 150 },
);

describe('a tape shuffled within the revision window', () => {
  for (const hasIds of [true, false]) {
    it(`ends in the same bars and features as the sorted one, trades ${hasIds ? 'with' : 'without'} ids`, () => {
      fc.assert(
        fc.property(lateTrades, (list) => {
          const events = list
            .toSorted((a, b) => a.step - b.step)
            .map(
              ({ symbol, step, price, size }, i): TapeEvent => ({
                kind: 'trade',
                symbol,
                ts: step * 250_000,
                numbers: [price / 100, size],
                ...(hasIds ? { id: i + 1 } : {}),
              }),
            );
          const lateness = list.toSorted((a, b) => a.step - b.step).map(({ lateMs }) => lateMs * 1_000);
          const shuffled = events
            .map((event, i) => ({ ...event, recv: event.ts + (lateness[i] as number) }))
            .toSorted((a, b) => a.recv - b.recv);
          const end: TapeEvent = { kind: 'tick', symbol: -1, ts: 400 * SECOND };
          const sorted = runInBatches([...events, end], [1000]);
          const other = runInBatches([...shuffled, end], [1000]);
          expect(other.repairs).toEqual([]);
          expect(other.engine.counters().revisionsTooOld).toBe(0);
          expect(other.finals.hex()).toBe(sorted.finals.hex());
          expect(other.finals.bars).toBe(sorted.finals.bars);
          for (const timeframe of TIMEFRAMES) {
            for (const symbol of [0, 1]) {
              expect(byStart(other, timeframe, symbol)).toEqual(byStart(sorted, timeframe, symbol));
            }
          }
        }),
        { numRuns: 120 },
      );
    });
  }
});

function byStart(run: EngineRun, timeframe: string, symbol: number): unknown {
  return [...run.lastFeatures(timeframe, symbol)].toSorted((a, b) => a[0] - b[0]);
}
