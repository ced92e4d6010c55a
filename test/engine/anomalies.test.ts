import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_ANOMALY_SETTINGS,
  DEFAULT_ENGINE_SETTINGS,
  DigestSink,
  Engine,
  type EngineSettings,
  fanOut,
} from '../../src/engine/index.ts';
import {
  type Anomaly,
  EventBatch,
  EventKind,
  type EventPayload,
  type Instrument,
  Universe,
} from '../../src/model/index.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** 2026-11-20T15:00:00Z: a Friday, half an hour into the regular session of US equities. */
const T0 = 1_795_186_800 * SECOND;

const SETTINGS: EngineSettings = {
  ...DEFAULT_ENGINE_SETTINGS,
  timeframes: ['1m'],
  features: ['sma_3'],
  ringTicks: 500,
  barWindow: 100,
  anomalies: DEFAULT_ANOMALY_SETTINGS,
};

interface Step {
  readonly kind: 'trade' | 'quote' | 'bar' | 'command' | 'tick';
  /** Microseconds after {@link T0} of receipt, and of the event (default: the same). */
  readonly at: number;
  readonly ts?: number;
  readonly symbol?: number;
  readonly numbers?: readonly number[];
  readonly payload?: EventPayload;
}

const KINDS = {
  trade: EventKind.Trade,
  quote: EventKind.Quote,
  bar: EventKind.SourceBar,
  command: EventKind.Command,
  tick: EventKind.Tick,
} as const;

function universe(): Universe {
  const made = new Universe();
  const add = (symbol: string, calendar: string, more: Partial<Instrument> = {}) =>
    made.add({ symbol, assetClass: 'crypto', calendar, currency: 'USD', barBasis: 'trades', ...more });
  add('BTCUSD', 'always');
  add('AAPL', 'us-equity');
  add('CPI', 'always', { assetClass: 'macro' });
  return made;
}

/** An engine that says anomalies, and what it said. */
class Run {
  readonly said: Anomaly[] = [];
  readonly universe = universe();
  readonly engine: Engine;
  readonly digest: DigestSink;

  constructor(settings: EngineSettings = SETTINGS) {
    this.digest = new DigestSink(this.universe, settings.timeframes, settings.features.length);
    const onAnomaly = (anomaly: Anomaly): void => void this.said.push(anomaly);
    this.engine = new Engine(settings, this.universe, fanOut([this.digest, { onAnomaly }]));
  }

  handle(...steps: readonly Step[]): this {
    const batch = new EventBatch(Math.max(1, steps.length));
    for (const { kind, at, ts = at, symbol = kind === 'tick' ? -1 : 0, numbers = [], payload } of steps) {
      const row = batch.begin(KINDS[kind], symbol, this.universe.sources.intern('test'), T0 + ts, T0 + at);
      [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7].forEach((column, i) => {
        column[row] = numbers[i] ?? Number.NaN;
      });
      if (payload !== undefined) batch.payload[row] = payload;
    }
    this.engine.handle(batch);
    return this;
  }

  get words(): string[] {
    return this.said.map(({ kind, isOver }) => (isOver ? `${kind} over` : kind));
  }
}

/** A trade a second of a price that hardly moves. */
function calm(seconds: number, from = 0, symbol = 0): Step[] {
  return Array.from({ length: seconds }, (_, i) => ({
    kind: 'trade',
    at: (from + i) * SECOND,
    symbol,
    numbers: [100 + 0.01 * (i % 3), 1],
  }));
}

describe('spikes', () => {
  it('a planted price is one anomaly, numbered, timed and told in a sentence', () => {
    const run = new Run().handle(...calm(60), { kind: 'trade', at: 60 * SECOND, numbers: [108, 1] });
    expect(run.said).toEqual([
      {
        id: 1,
        symbol: 0,
        kind: 'price_spike',
        isOver: false,
        value: expect.closeTo(8, 1),
        limit: expect.any(Number),
        atUs: T0 + 60 * SECOND,
        detail: expect.stringMatching(
          /^The price of BTCUSD went from 100\.\d+ to 108: 7\.9\d* %, more than 0\.\d+ %\.$/,
        ),
      },
    ]);
  });

  it('a storm of them is one per cool-down, the rest is counted', () => {
    const run = new Run().handle(...calm(60));
    for (let i = 0; i < 90; i++) {
      run.handle({ kind: 'trade', at: (60 + i) * SECOND, numbers: [i % 10 === 0 ? 150 : 100, 1] });
    }
    expect(run.words).toEqual(['price_spike', 'price_spike']);
    expect((run.said[1]?.atUs ?? 0) - (run.said[0]?.atUs ?? 0)).toBeGreaterThanOrEqual(60 * SECOND);
    expect(run.engine.counters().anomaliesSuppressed).toBeGreaterThan(3);
  });

  it('a volume, a spread and a ready-made bar beyond the recent range are said too', () => {
    const run = new Run().handle(...calm(300), { kind: 'trade', at: 300 * SECOND, numbers: [100, 900] });
    expect(run.words).toEqual(['volume_spike']);
    const quote = (i: number, ask: number): Step => ({ kind: 'quote', at: i * SECOND, numbers: [100, 1, ask, 1] });
    const quotes = new Run().handle(...Array.from({ length: 80 }, (_, i) => quote(i, 100.02)), quote(80, 102));
    expect(quotes.words).toEqual(['spread_blowout']);
    const bar = (i: number, close: number): Step => ({
      kind: 'bar',
      ts: i * MINUTE,
      at: (i + 1) * MINUTE,
      numbers: [100, Math.max(close, 100), 100, close, 10, Number.NaN, Number.NaN, MINUTE],
    });
    const bars = new Run().handle(...Array.from({ length: 40 }, (_, i) => bar(i, 100 + 0.01 * (i % 3))), bar(40, 110));
    expect(bars.said).toMatchObject([{ kind: 'price_spike', timeframe: 0 }]);
  });

  it('what is late, out of order or out of a session is not said', () => {
    const run = new Run();
    run.handle(...calm(60));
    run.handle({ kind: 'trade', at: 61 * SECOND, ts: 30 * SECOND, numbers: [150, 1] });
    run.handle({ kind: 'trade', at: 400 * SECOND, ts: 300 * SECOND, numbers: [150, 1] });
    const night = new Run().handle(...calm(60, 12 * 3_600, 1), {
      kind: 'trade',
      symbol: 1,
      at: 12 * HOUR + 60 * SECOND,
      numbers: [150, 1],
    });
    expect(run.words.filter((word) => word === 'price_spike')).toEqual([]);
    expect(night.words).toEqual([]);
  });

  it('settings without anomalies say none', () => {
    const { anomalies: _, ...silent } = SETTINGS;
    const run = new Run(silent).handle(...calm(60), { kind: 'trade', at: 60 * SECOND, numbers: [108, 1] });
    run.handle({ kind: 'tick', at: HOUR });
    expect(run.words).toEqual([]);
  });
});

describe('staleness', () => {
  it('a silent symbol is stale once the bound is passed, and told when it is heard of again', () => {
    const run = new Run().handle(...calm(5), { kind: 'tick', at: 14 * SECOND });
    expect(run.words).toEqual([]);
    run.handle({ kind: 'tick', at: 15 * SECOND });
    expect(run.said).toMatchObject([{ kind: 'stale', isOver: false, limit: 10, atUs: T0 + 14 * SECOND + 1 }]);
    run.handle({ kind: 'trade', at: 40 * SECOND, numbers: [100, 1] });
    expect(run.said[1]).toMatchObject({ kind: 'stale', isOver: true, value: 36, atUs: T0 + 40 * SECOND });
    expect(run.said[1]?.detail).toBe('BTCUSD is heard of again after 36 s.');
  });

  it('out of session nothing is stale; the next session without a word is', () => {
    // 20:59:55 UTC: five seconds before the close.
    const close = 6 * HOUR;
    const last: Step = { kind: 'trade', symbol: 1, at: close - 5 * SECOND, numbers: [100, 1] };
    const run = new Run().handle(last, { kind: 'tick', at: close + 60 * HOUR });
    expect(run.words).toEqual([]);
    // Monday 23 November, 14:30 UTC.
    const open = 2 * 24 * HOUR + 23 * HOUR + 30 * MINUTE;
    run.handle({ kind: 'tick', at: open + 10 * SECOND });
    expect(run.words).toEqual([]);
    run.handle({ kind: 'tick', at: open + 11 * SECOND });
    expect(run.words).toEqual(['stale']);
  });

  it('a symbol that comes and goes is told at longer and longer intervals', () => {
    const run = new Run();
    for (let i = 0; i < 120; i++) run.handle({ kind: 'trade', at: i * 30 * SECOND, numbers: [100, 1] });
    const starts = run.said.filter(({ isOver }) => !isOver).map(({ atUs }) => (atUs - T0) / MINUTE);
    expect(starts.length).toBeLessThanOrEqual(7);
    expect(run.words.filter((word) => word === 'stale over')).toHaveLength(starts.length);
  });

  it('a symbol whose staleness a cool-down kept back is told when that is over', () => {
    const run = new Run().handle(...calm(1), { kind: 'trade', at: 20 * SECOND, numbers: [100, 1] });
    expect(run.words).toEqual(['stale', 'stale over']);
    run.handle({ kind: 'tick', at: 5 * MINUTE });
    expect(run.words).toEqual(['stale', 'stale over', 'stale']);
  });

  it('figures of an economy are never stale nor a spike, and the end of a tape is no silence', () => {
    const figures = calm(60, 0, 2);
    expect(new Run().handle(...figures, { kind: 'trade', symbol: 2, at: HOUR, numbers: [150, 9e9] }).words).toEqual([]);
    const run = new Run().handle({ kind: 'trade', symbol: 2, at: 0, numbers: [3.1, 1] }, { kind: 'tick', at: HOUR });
    run.handle({ kind: 'trade', at: HOUR, numbers: [100, 1] });
    run.engine.finish();
    expect(run.words).toEqual([]);
  });
});

function feeds(at: number, name: string, other: string): Step {
  const said = { serving: 'alpaca', other, serving_price: 100, other_price: 101, distance_bps: 99, limit_bps: 50 };
  return { kind: 'command', at, payload: { type: 'command', name, arguments: said } };
}

describe('feeds', () => {
  it('that differ and agree again are anomalies; agreement alone is none', () => {
    const run = new Run().handle(
      feeds(0, 'feeds_agree', 'polygon'),
      feeds(SECOND, 'feed_divergence', 'polygon'),
      feeds(9 * SECOND, 'feeds_agree', 'polygon'),
      feeds(10 * SECOND, 'feed_divergence', 'polygon'),
      feeds(11 * SECOND, 'feeds_agree', 'polygon'),
    );
    expect(run.words).toEqual(['feed_divergence', 'feed_divergence over']);
    expect(run.said[0]).toMatchObject({ id: 1, value: 99, limit: 50 });
    expect(run.said[0]?.detail).toBe('The feeds of BTCUSD differ by 99 bps: alpaca has 100, polygon 101.');
  });
});

/** Rough tapes with jumps, bursts, wide spreads, silences and quarrels of feeds. */
const roughTape: fc.Arbitrary<Step[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom(...(['trade', 'trade', 'trade', 'quote', 'bar', 'command', 'tick'] as const)),
      symbol: fc.integer({ min: 0, max: 2 }),
      waitUs: fc.oneof(
        { weight: 12, arbitrary: fc.integer({ min: 0, max: 2 * SECOND }) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 * MINUTE }) },
        { weight: 1, arbitrary: fc.constantFrom(7 * HOUR, 70 * HOUR) },
      ),
      lateUs: fc.constantFrom(0, 0, 0, SECOND, 90 * SECOND),
      price: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 9990, max: 10010 }) },
        fc.integer({ min: 5000, max: 20000 }),
      ),
      size: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.integer({ min: 100, max: 90000 })),
      isAgreed: fc.boolean(),
    }),
    { minLength: 60, maxLength: 220 },
  )
  .map((list) => {
    let at = 0;
    return list.map(({ kind, symbol, waitUs, lateUs, price: cents, size, isAgreed }): Step => {
      at += waitUs;
      const price = cents / 100;
      if (kind === 'tick') return { kind, at };
      if (kind === 'command') return { ...feeds(at, isAgreed ? 'feeds_agree' : 'feed_divergence', 'polygon'), symbol };
      if (kind === 'quote') return { kind, symbol, at, numbers: [price, 1, price + size / 1000, 1] };
      if (kind === 'bar') {
        const ts = Math.floor(at / MINUTE) * MINUTE;
        return { kind, symbol, at, ts, numbers: [price, price, price, price, size, Number.NaN, Number.NaN, MINUTE] };
      }
      return { kind, symbol, at, ts: Math.max(0, at - lateUs), numbers: [price, size] };
    });
  });

describe('anomalies of any tape', () => {
  it('depend on what came before alone: a prefix says a prefix, in whatever batches and over a snapshot', () => {
    let anomalies = 0;
    fc.assert(
      fc.property(roughTape, fc.double({ min: 0, max: 1, noNaN: true }), (tape, share) => {
        const cut = Math.floor(share * tape.length);
        const whole = new Run().handle(...tape);
        const first = new Run();
        for (const step of tape.slice(0, cut)) first.handle(step);
        const before = [...first.said];
        expect(whole.said.slice(0, before.length)).toEqual(before);
        const second = new Run();
        second.engine.restore(first.engine.snapshot());
        second.digest.restore(first.digest.snapshot());
        expect(second.engine.snapshot()).toEqual(first.engine.snapshot());
        second.handle(...tape.slice(cut));
        expect([...before, ...second.said]).toEqual(whole.said);
        expect(second.digest.hex()).toBe(whole.digest.hex());
        expect(second.engine.counters()).toEqual(whole.engine.counters());
        const ids = whole.said.map(({ id }) => id);
        expect(ids).toEqual(ids.map((_, i) => i + 1));
        for (const { value, limit, isOver } of whole.said) if (!isOver) expect(value).toBeGreaterThan(limit);
        anomalies += whole.said.length;
      }),
      { numRuns: 60 },
    );
    expect(anomalies).toBeGreaterThan(100);
  });
});
