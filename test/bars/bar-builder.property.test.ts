import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionRules, feederOf, parseConditions } from '../../src/bars/index.ts';
import { parseTimeframe } from '../../src/model/index.ts';
import { BarRun, keyOf, type TapeEvent, valuesOf } from './bar-run.ts';

const SECOND = 1_000_000;
const T0 = 1_700_000_000 * SECOND;
const CONDITIONS = ['', '', '', '@', '@,T', 'I', '4', 'W', 'M', 'P'];

/** A tape in order of event time; receive time equals event time, so that it is also in order of arrival. */
const trades = (maxLength: number, spanUs: number): fc.Arbitrary<TapeEvent[]> =>
  fc
    .array(
      fc.record({
        kind: fc.constant('trade' as const),
        symbol: fc.integer({ min: 0, max: 1 }),
        // Coarse steps make equal event times common.
        offset: fc.integer({ min: 0, max: spanUs / 250_000 }),
        price: fc.integer({ min: 9990, max: 10010 }).map((cents) => cents / 100),
        size: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.double({ min: 1e-8, max: 50, noNaN: true })),
        conditions: fc.constantFrom(...CONDITIONS),
      }),
      { minLength: 1, maxLength },
    )
    .map((list) =>
      list
        .sort((a, b) => a.offset - b.offset)
        .map(({ offset, ...event }, i) => ({
          ...event,
          id: i + 1,
          ts: T0 + offset * 250_000,
          recv: T0 + offset * 250_000,
        })),
    );

/** Every bar straight from the definition: filter, sort, fold. */
function oracle(tape: readonly TapeEvent[], timeframes: readonly string[], rulesId: string): Map<string, string> {
  const rules = conditionRules(rulesId);
  const groups = new Map<string, { symbol: number; timeframe: number; startUs: number; list: TapeEvent[] }>();
  for (const event of tape) {
    timeframes.forEach((text, timeframe) => {
      const length = parseTimeframe(text).lengthUs;
      // Weeks begin on Mondays, and 1970-01-05 was one.
      const anchor = text === '1w' ? 4 * 86_400 * SECOND : 0;
      const startUs = Math.floor((event.ts - anchor) / length) * length + anchor;
      const symbol = event.symbol ?? 0;
      const key = keyOf({ symbol, timeframe, startUs });
      const group = groups.get(key) ?? { symbol, timeframe, startUs, list: [] };
      group.list.push(event);
      groups.set(key, group);
    });
  }
  const bars = new Map<string, string>();
  for (const key of [...groups.keys()].sort()) {
    const { symbol, timeframe, startUs, list } = groups.get(key) as NonNullable<ReturnType<typeof groups.get>>;
    const ruled = list.map((event) => ({ event, rule: rules.ruleOf(parseConditions(event.conditions ?? '')) }));
    const best = Math.max(...ruled.map(({ rule }) => rule & 3));
    const setters = ruled.filter(({ rule }) => (rule & 3) === best).map(({ event }) => event);
    setters.sort((a, b) => a.ts - b.ts || (a.id as number) - (b.id as number));
    const range = ruled.filter(({ rule }) => (rule & 3) >= Math.min(best, 1)).map(({ event }) => event.price);
    const counted = ruled.filter(({ rule }) => (rule & 4) !== 0).map(({ event }) => event);
    const volume = exact(counted.map(({ size }) => size));
    bars.set(
      key,
      valuesOf({
        symbol,
        timeframe,
        startUs,
        endUs: 0,
        open: (setters[0] as TapeEvent).price,
        high: Math.max(...range),
        low: Math.min(...range),
        close: (setters.at(-1) as TapeEvent).price,
        volume,
        vwap: volume > 0 ? exact(counted.map(({ price, size }) => price * size)) / volume : Number.NaN,
        trades: list.length,
        revision: 0,
        source: 1,
        quality: 1,
      }),
    );
  }
  return bars;
}

/** The sum of doubles, rounded once: integers over the common denominator 2^-120. */
function exact(values: readonly number[]): number {
  let sum = 0n;
  for (const value of values) {
    let [mantissa, shift] = [value, 0];
    while (!Number.isInteger(mantissa)) {
      mantissa *= 2;
      shift++;
    }
    sum += BigInt(mantissa) << BigInt(120 - shift);
  }
  // Number() of a bigint rounds to nearest; dividing by a power of two is exact.
  return Number(sum) / 2 ** 120;
}

const FRAMES = ['1s', '5s', '1m', '5m'];

describe('bars from trades', () => {
  it('equal a naive implementation, for any list of timeframes and every rule set', () => {
    const lists = fc.constantFrom(FRAMES, ['1m'], ['7s', '10s', '1m'], ['2s', '3s', '6s', '1h'], ['1s', '1d', '1w']);
    fc.assert(
      fc.property(
        trades(120, 200 * SECOND),
        lists,
        fc.constantFrom('sip', 'algoseek', 'all'),
        (tape, list, rulesId) => {
          const run = new BarRun(list, { rulesId }).run(tape).finish();
          expect(run.finalBars()).toEqual(oracle(tape, list, rulesId));
          expect(run.said.every(({ change, bar }) => change === 'final' && bar.revision === 0)).toBe(true);
          expect(run.repairs).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('end the same after any shuffle within the revision window', () => {
    fc.assert(
      fc.property(trades(80, 55 * SECOND), fc.infiniteStream(fc.nat(1_000_000)), fc.boolean(), (tape, keys, hasIds) => {
        const plain = hasIds ? tape : tape.map(({ id: _, ...event }) => event);
        const shuffled = plain
          .map((event) => ({ event, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ event }) => event);
        let nowUs = 0;
        const received = shuffled.map((event) => {
          nowUs = Math.max(nowUs, event.ts);
          return { ...event, recv: nowUs };
        });
        const run = new BarRun(FRAMES).run(received).finish();
        expect(run.finalBars()).toEqual(new BarRun(FRAMES).run(plain).finish().finalBars());
        expect(run.repairs).toEqual([]);
        expect(run.builder.counters.lateBeyondWindow).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  it('name each bar final once, then revisions in steps of one', () => {
    fc.assert(
      fc.property(trades(60, 50 * SECOND), fc.infiniteStream(fc.nat(20 * SECOND)), (tape, delays) => {
        const late = tape
          .map((event) => ({ ...event, recv: event.recv + (delays.next().value as number) }))
          .sort((a, b) => a.recv - b.recv);
        const run = new BarRun(FRAMES).run(late).finish();
        expect(run.finalBars()).toEqual(oracle(tape, FRAMES, 'sip'));
        const revisions = new Map<string, number>();
        for (const { bar, change } of run.said) {
          const key = keyOf(bar);
          const expected = (revisions.get(key) ?? -1) + 1;
          expect([bar.revision, change]).toEqual([expected, expected === 0 ? 'final' : 'revised']);
          revisions.set(key, expected);
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** Marks some trades as taken back, at some delay, by a cancel or a correction. */
const amended = trades(60, 50 * SECOND).chain((tape) =>
  fc
    .array(
      fc.record({
        index: fc.nat(tape.length - 1),
        delayUs: fc.integer({ min: -2 * SECOND, max: 8 * SECOND }),
        isCancel: fc.boolean(),
        price: fc.integer({ min: 9990, max: 10010 }).map((cents) => cents / 100),
      }),
      { maxLength: 12 },
    )
    .map((list) => {
      const seen = new Set<number>();
      const changes = list.filter(({ index }) => !seen.has(index) && seen.add(index) !== undefined);
      const events = changes.map(({ index, delayUs, isCancel, price }): TapeEvent => {
        const original = tape[index] as TapeEvent;
        const kind = isCancel ? 'cancel' : 'correct';
        return { ...original, kind, recv: original.recv + delayUs, price };
      });
      const truth = tape.flatMap((event, index) => {
        const change = changes.find((candidate) => candidate.index === index);
        if (change === undefined) return [event];
        return change.isCancel ? [] : [{ ...event, price: change.price }];
      });
      const mixed = [...tape, ...events].sort((a, b) => a.recv - b.recv);
      return { mixed, truth };
    }),
);

describe('cancels and corrections', () => {
  it('leave the bars as if the trade had never been, or had been right from the start', () => {
    fc.assert(
      fc.property(amended, ({ mixed, truth }) => {
        const run = new BarRun(FRAMES).run(mixed).finish();
        expect(run.finalBars()).toEqual(oracle(truth, FRAMES, 'sip'));
        expect(run.repairs).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('snapshot and restore', () => {
  it('continue bit for bit from any cut', () => {
    const quotes = fc.array(fc.nat(50 * SECOND), { maxLength: 20 });
    fc.assert(
      fc.property(amended, quotes, fc.double({ min: 0, max: 1, noNaN: true }), ({ mixed }, offsets, cutAt) => {
        const tape = [
          ...mixed,
          ...offsets.map(
            (at): TapeEvent => ({ kind: 'quote', ts: T0 + at, recv: T0 + at, price: 99.9, ask: 100.1, size: 3 }),
          ),
        ].sort((a, b) => a.recv - b.recv);
        const cut = Math.floor(cutAt * tape.length);
        const whole = new BarRun(FRAMES).run(tape).finish();
        const before = new BarRun(FRAMES).run(tape.slice(0, cut));
        const after = new BarRun(FRAMES);
        for (const condition of CONDITIONS) after.universe.conditions.intern(condition);
        after.builder.restore(before.builder.snapshot());
        after.timers.restore(before.timers.snapshot());
        after.run(tape.slice(cut)).finish();
        expect([...before.transcript(), ...after.transcript()]).toEqual(whole.transcript());
        expect(after.builder.counters).toEqual(whole.builder.counters);
        expect(after.builder.snapshot()).toEqual(whole.builder.snapshot());
      }),
      { numRuns: 100 },
    );
  });
});

describe('the cascade', () => {
  it('feeds each timeframe from the longest shorter one that divides it', () => {
    const feeders = (...texts: string[]) => {
      const list = texts.map(parseTimeframe);
      return texts.map((_, i) => feederOf(list, i));
    };
    expect(feeders('1s', '1m', '5m', '15m', '30m', '1h', '1d', '1w')).toEqual([-1, 0, 1, 2, 3, 4, 5, 6]);
    expect(feeders('7s', '1m', '4h', '1d')).toEqual([-1, -1, 1, 1]);
  });
});
