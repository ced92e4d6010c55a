import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Prng, parseMicros, US_PER_SECOND } from '../../src/base/index.ts';
import { Calendars } from '../../src/calendar/index.ts';
import { EventBatch, EventKind, guessInstrument, Universe } from '../../src/model/index.ts';
import {
  ARRIVAL_REASONS,
  QualityGate,
  type QualityOptions,
  quarantineRecord,
  REASON_WEIGHTS,
  REJECT_NAMES,
  Reason,
  Reject,
  reasonNames,
  scoreOf,
} from '../../src/quality/index.ts';

const NOW = parseMicros('2026-01-30T15:00:00Z') as number;
const calendars = new Calendars();

function setup(options: Partial<QualityOptions> = {}) {
  const universe = new Universe();
  const source = universe.sources.intern('test');
  const ibm = universe.intern('IBM');
  const btc = universe.intern('BTCUSD');
  const gate = new QualityGate(universe, calendars, options);
  const batch = new EventBatch(16);
  const trade = (price: number, size = 100, tsUs = NOW, recvUs = tsUs): number => {
    batch.clear();
    return gate.validate(batch, batch.addTrade(ibm, source, tsUs, recvUs, price, size));
  };
  const quote = (bid: number, bidSize: number, ask: number, askSize: number, tsUs = NOW): number => {
    batch.clear();
    return gate.validate(batch, batch.addQuote(ibm, source, tsUs, tsUs, bid, bidSize, ask, askSize));
  };
  const bar = (open: number, high: number, low: number, close: number, volume = 1, tsUs = NOW): number => {
    batch.clear();
    const row = batch.begin(EventKind.SourceBar, ibm, source, tsUs, tsUs);
    const values = [open, high, low, close, volume, Number.NaN, Number.NaN, 60_000_000];
    const columns = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7];
    columns.forEach((column, i) => {
      column[row] = values[i] as number;
    });
    return gate.validate(batch, row);
  };
  return { universe, source, ibm, btc, gate, batch, trade, quote, bar };
}

describe('values of economic series', () => {
  it('may be 0 or below, which no price may; everything else holds for them too', () => {
    const { universe, source, gate, batch } = setup();
    const rate = universe.add({
      symbol: 'T10Y2Y',
      assetClass: 'macro',
      calendar: 'always',
      currency: 'USD',
      barBasis: 'trades',
    });
    const value = (of: number, size = 0): number => {
      batch.clear();
      return gate.validate(batch, batch.addTrade(rate, source, NOW, NOW, of, size));
    };
    for (const of of [0.5, 0, -0.25, -1e-9, 1.2, -3]) expect(value(of)).toBe(Reason.ZeroSize);
    expect(value(-1, -1)).toBe(Reject.BadSize);
    expect(value(Number.NaN)).toBe(Reject.PriceNotFinite);
    expect(value(Number.NEGATIVE_INFINITY)).toBe(Reject.PriceNotFinite);
    expect(gate.rejectCounts[-Reject.PriceNotPositive]).toBe(0);
  });
});

describe('refusals', () => {
  it.each([
    [Number.NaN, Reject.PriceNotFinite],
    [Number.POSITIVE_INFINITY, Reject.PriceNotFinite],
    [Number.NEGATIVE_INFINITY, Reject.PriceNotFinite],
    [0, Reject.PriceNotPositive],
    [-1, Reject.PriceNotPositive],
    [1e308, 0],
    [5e-324, 0],
  ])('trade price %d', (price, verdict) => expect(setup().trade(price)).toBe(verdict));

  it.each([
    [-1, Reject.BadSize],
    [Number.NaN, Reject.BadSize],
    [Number.POSITIVE_INFINITY, Reject.BadSize],
    [0, Reason.ZeroSize],
  ])('trade size %d', (size, verdict) => expect(setup().trade(10, size)).toBe(verdict));

  it.each([
    ['missing', Number.NaN, NOW, Reject.TimeMissing],
    ['infinite', Number.POSITIVE_INFINITY, NOW, Reject.TimeMissing],
    ['of fractions', NOW + 0.5, NOW, Reject.TimeMissing],
    ['received never', NOW, Number.NaN, Reject.TimeMissing],
    ['zero', 0, NOW, Reject.TimeTooEarly],
    ['before 1970', -1, NOW, Reject.TimeTooEarly],
    ['in seconds read as milliseconds', NOW / 1_000, NOW, Reject.TimeTooEarly],
    ['5 s ahead', NOW + 5 * US_PER_SECOND, NOW, 0],
    ['more than 5 s ahead', NOW + 5 * US_PER_SECOND + 1, NOW, Reject.TimeInFuture],
    ['in 2100', parseMicros('2100-01-01') as number, NOW, Reject.TimeInFuture],
  ])('time %s', (_, tsUs, recvUs, verdict) => expect(setup().trade(10, 1, tsUs, recvUs)).toBe(verdict));

  it('a symbol that the caller does not know, on every kind that has one', () => {
    const { gate, batch, source } = setup();
    batch.addTrade(-1, source, NOW, NOW, 10, 1);
    batch.addQuote(-1, source, NOW, NOW, 10, 1, 11, 1);
    for (const kind of [EventKind.SourceBar, EventKind.Correction, EventKind.Cancel]) {
      batch.begin(kind, -1, source, NOW, NOW);
    }
    for (let row = 0; row < batch.length; row++) expect(gate.validate(batch, row)).toBe(Reject.UnknownSymbol);
  });

  it.each([
    [10, 11, 9, 10.5, 1, 0],
    [10, 10, 10, 10, Number.NaN, 0],
    [10, 9.99, 9, 9.5, 1, Reject.OhlcBroken],
    [10, 11, 10.1, 10.5, 1, Reject.OhlcBroken],
    [10, 10.4, 9, 10.5, 1, Reject.OhlcBroken],
    [10, 11, 9, 8.9, 1, Reject.OhlcBroken],
    [10, 11, -9, 10, 1, Reject.PriceNotPositive],
    [10, Number.NaN, 9, 10, 1, Reject.PriceNotFinite],
    [10, 11, 9, 10, -1, Reject.BadSize],
  ])('bar %d %d %d %d volume %d', (open, high, low, close, volume, verdict) =>
    expect(setup().bar(open, high, low, close, volume)).toBe(verdict),
  );

  it.each([
    [Number.NaN, Number.NaN, Reject.PriceNotFinite],
    [0, Number.NaN, Reject.PriceNotPositive],
    [-1, 10, Reject.PriceNotPositive],
    [10, Number.POSITIVE_INFINITY, Reject.PriceNotFinite],
    [10, Number.NaN, Reason.OneSided],
    [0, 10, Reason.OneSided],
  ])('quote of bid %d and ask %d', (bid, ask, verdict) => expect(setup().quote(bid, 1, ask, 1)).toBe(verdict));

  it('a quote size below zero, while an absent one is none', () => {
    expect(setup().quote(10, -1, 10.01, 1)).toBe(Reject.BadSize);
    expect(setup().quote(10, Number.NaN, 10.01, Number.NaN)).toBe(0);
  });

  it('leave no trace: the next event is judged as if they had not been', () => {
    const { gate, batch, ibm, source } = setup();
    batch.addTrade(ibm, source, NOW, NOW, -1, 1);
    batch.setId(0, 7);
    batch.addTrade(ibm, source, NOW - 1, NOW, 10, 1);
    batch.setId(1, 7);
    expect(gate.validate(batch, 0)).toBe(Reject.PriceNotPositive);
    expect(gate.validate(batch, 1)).toBe(0);
  });
});

describe('duplicates', () => {
  it('are told by id, exchange, symbol and source, never by value', () => {
    const { gate, batch, ibm, btc, source, universe } = setup();
    const other = universe.sources.intern('other');
    const add = (symbol: number, from: number, id: string | number | undefined, exchange = 0): number => {
      batch.clear();
      const row = batch.addTrade(symbol, from, NOW, NOW, 10, 1);
      batch.exchange[row] = exchange;
      if (id !== undefined) batch.setId(row, id);
      return gate.validate(batch, row);
    };
    expect(add(ibm, source, undefined)).toBe(0);
    expect(add(ibm, source, undefined)).toBe(0);
    for (const id of [42, 2 ** 53 - 1, 'a-1', '00042']) {
      expect(add(ibm, source, id)).toBe(0);
      expect(add(ibm, source, id)).toBe(Reject.Duplicate);
      expect(add(ibm, source, id, 3)).toBe(0);
      expect(add(btc, source, id)).toBe(0);
      expect(add(ibm, other, id)).toBe(0);
    }
    expect(gate.rejectCounts[-Reject.Duplicate]).toBe(4);
  });
});

describe('soft reasons', () => {
  it.each([
    [10, 100, 10.01, 100, 0],
    [10, 100, 10, 100, Reason.Locked],
    [10.01, 100, 10, 100, Reason.Crossed],
    [10, 0, 10.01, 100, Reason.ZeroSize],
    [10, 0, 10.01, 0, 0],
    [10, 100, 199_999.99, 100, Reason.WideSpread],
    [10, 100, 10.51, 100, 0],
    [10, 100, 10.52, 100, Reason.WideSpread],
  ])('quote %d x %d, %d x %d', (bid, bidSize, ask, askSize, verdict) =>
    expect(setup().quote(bid, bidSize, ask, askSize)).toBe(verdict),
  );

  it('order, delay, session and condition', () => {
    const { trade, gate, batch, ibm, source, universe } = setup();
    expect(trade(10)).toBe(0);
    expect(trade(10, 1, NOW - 1, NOW)).toBe(Reason.OutOfOrder);
    expect(trade(10, 1, NOW, NOW)).toBe(0);
    expect(trade(10, 1, NOW, NOW + 10 * US_PER_SECOND + 1)).toBe(Reason.StaleSource);
    const night = NOW + 12 * 3_600 * US_PER_SECOND;
    expect(trade(10, 1, night, night)).toBe(Reason.OutsideSession);
    const row = batch.addTrade(ibm, source, night, night, 10, 1);
    batch.conditions[row] = universe.conditions.intern('20000000;suspicious');
    expect(gate.validate(batch, row)).toBe(Reason.OutsideSession | Reason.Suspicious);
    batch.conditions[row] = universe.conditions.intern('20000000');
    expect(gate.validate(batch, row)).toBe(Reason.OutsideSession);
  });

  it('crypto is never outside its session', () => {
    const { gate, batch, btc, source } = setup();
    const sunday = parseMicros('2026-02-01T03:00:00Z') as number;
    expect(gate.validate(batch, batch.addTrade(btc, source, sunday, sunday, 90_000, 0.1))).toBe(0);
  });
});

describe('outliers', () => {
  /** A random walk of 5 basis points per trade on a cent grid, one trade a second. */
  function walk(trade: (price: number, size: number, tsUs: number) => number, count: number, seed: number) {
    const prng = new Prng(seed);
    let price = 50;
    let flagged = 0;
    for (let i = 0; i < count; i++) {
      price *= 1 + 5e-4 * prng.gauss();
      if ((trade(Math.round(price * 100) / 100, 1, NOW + i * US_PER_SECOND) & Reason.Outlier) !== 0) flagged++;
    }
    return { flagged, price, endUs: NOW + count * US_PER_SECOND };
  }

  it('are rare on a random walk', () => {
    for (let seed = 1; seed <= 5; seed++) expect(walk(setup().trade, 10_000, seed).flagged).toBeLessThanOrEqual(2);
  });

  it('a wild print is one and does not hide the next', () => {
    const { trade } = setup();
    const { price, endUs } = walk(trade, 1_000, 7);
    expect(trade(price * 10, 1, endUs)).toBe(Reason.Outlier);
    expect(trade(price, 1, endUs)).toBe(0);
    expect(trade(price * 0.9, 1, endUs)).toBe(Reason.Outlier);
    expect(trade(price, 1, endUs)).toBe(0);
  });

  it('a true jump is followed within about ten prices', () => {
    const { trade } = setup();
    const { price, endUs } = walk(trade, 1_000, 7);
    const verdicts = Array.from({ length: 40 }, () => trade(price * 1.05, 1, endUs));
    const flagged = verdicts.filter((verdict) => (verdict & Reason.Outlier) !== 0).length;
    expect(verdicts[0]).toBe(Reason.Outlier);
    expect(flagged).toBeLessThan(15);
    expect(verdicts.slice(20).every((verdict) => verdict === 0)).toBe(true);
  });

  it('quiet minutes do not make a tick of one cent one', () => {
    const { trade } = setup();
    const { price, endUs } = walk(trade, 1_000, 7);
    for (let i = 0; i < 800; i++) trade(price, 1, endUs + i * US_PER_SECOND);
    expect(trade(price + 0.01, 1, endUs + 800 * US_PER_SECOND)).toBe(0);
  });

  it('the first price after a long silence is not judged', () => {
    const { trade } = setup();
    const { price, endUs } = walk(trade, 1_000, 7);
    const later = endUs + 4 * 24 * 3_600 * US_PER_SECOND;
    expect(trade(price * 1.2, 1, later) & Reason.Outlier).toBe(0);
    expect(trade(price * 1.2, 1, later) & Reason.Outlier).toBe(0);
  });
});

describe('score', () => {
  it('is the product of one minus the weight over the reasons, in [0, 1]', () => {
    for (let bits = 0; bits < 1 << REASON_WEIGHTS.length; bits++) {
      const expected = REASON_WEIGHTS.reduce(
        (score, { bit, weight }) => ((bits & bit) === 0 ? score : score * (1 - weight)),
        1,
      );
      expect(scoreOf(bits)).toBe(expected);
    }
    expect(scoreOf(0)).toBe(1);
    expect(scoreOf(Reject.Duplicate)).toBe(0);
  });

  it('has one name and one bit per reason and per refusal', () => {
    expect(REASON_WEIGHTS.map(({ bit }) => bit)).toEqual(Object.values(Reason));
    expect(REASON_WEIGHTS.every(({ weight }) => weight > 0 && weight < 1)).toBe(true);
    expect(Object.values(Reject)).toEqual(REJECT_NAMES.slice(1).map((_, i) => -(i + 1)));
    expect(reasonNames(Reason.Crossed | Reason.Outlier)).toEqual(['outlier', 'crossed']);
    expect(reasonNames(Reject.OhlcBroken)).toEqual(['ohlc-broken']);
  });
});

/** One random event, good or bad. */
const anyEvent = fc.record({
  kind: fc.constantFrom('trade', 'quote'),
  stepUs: fc.integer({ min: -3_000_000, max: 3_000_000 }),
  price: fc.oneof(fc.double({ min: 99, max: 101, noNaN: true }), fc.double()),
  size: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.double()),
  spread: fc.double({ min: -0.1, max: 0.1, noNaN: true }),
  id: fc.option(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom('x', 'y', 'z')), { nil: undefined }),
});
type AnyEvent = typeof anyEvent extends fc.Arbitrary<infer T> ? T : never;

function feed(gate: QualityGate, batch: EventBatch, event: AnyEvent, index: number): number {
  batch.clear();
  const tsUs = NOW + index * 1_000_000 + event.stepUs;
  const recvUs = NOW + index * 1_000_000;
  if (event.kind === 'quote') {
    return gate.validate(
      batch,
      batch.addQuote(0, 1, tsUs, recvUs, event.price, event.size, event.price + event.spread, event.size),
    );
  }
  const row = batch.addTrade(0, 1, tsUs, recvUs, event.price, event.size);
  if (event.id !== undefined) batch.setId(row, event.id);
  return gate.validate(batch, row);
}

describe('any sequence of events', () => {
  it('is judged by the past alone, also across a snapshot', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 120 }), fc.nat(), (events, cut) => {
        const whole = setup({ tradeIds: 8 });
        const verdicts = events.map((event, i) => feed(whole.gate, whole.batch, event, i));
        const at = events.length === 0 ? 0 : cut % events.length;
        const first = setup({ tradeIds: 8 });
        const head = events.slice(0, at).map((event, i) => feed(first.gate, first.batch, event, i));
        const second = setup({ tradeIds: 8 });
        second.gate.restore(JSON.parse(JSON.stringify(first.gate.snapshot())));
        const tail = events.slice(at).map((event, i) => feed(second.gate, second.batch, event, at + i));
        expect([...head, ...tail]).toEqual(verdicts);
        expect(second.gate.snapshot()).toEqual(whole.gate.snapshot());
        expect(second.gate.evictedIds).toBe(whole.gate.evictedIds);
      }),
      { numRuns: 300 },
    );
  });

  it('is fully counted', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        const { gate, batch } = setup();
        const verdicts = events.map((event, i) => feed(gate, batch, event, i));
        expect(gate.rejectCounts.reduce((sum, n) => sum + n, 0)).toBe(events.length);
        expect(gate.rejectCounts[0]).toBe(verdicts.filter((verdict) => verdict >= 0).length);
        REASON_WEIGHTS.forEach(({ bit }, i) => {
          expect(gate.reasonCounts[i]).toBe(verdicts.filter((verdict) => verdict >= 0 && (verdict & bit) !== 0).length);
        });
      }),
      { numRuns: 100 },
    );
  });

  it('is accepted and refused alike in every order, and scored alike without the arrival reasons', () => {
    const plain = anyEvent.map((event) => ({ ...event, id: undefined }));
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (events, keys) => {
        const order = events.map((_, i) => ({ i, key: keys.next().value as number })).sort((a, b) => a.key - b.key);
        const sorted = setup();
        const straight = events.map((event, i) => feed(sorted.gate, sorted.batch, event, i));
        const shuffled = setup();
        for (const { i } of order) {
          const verdict = feed(shuffled.gate, shuffled.batch, events[i] as AnyEvent, i);
          const before = straight[i] as number;
          if (before < 0) expect(verdict).toBe(before);
          else expect(verdict & ~ARRIVAL_REASONS).toBe(before & ~ARRIVAL_REASONS);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('quarantine records', () => {
  it('keep the raw payload and say what was wrong', () => {
    const { batch, ibm, source, universe, gate } = setup();
    const row = batch.addTrade(ibm, source, NOW, NOW, -3, 100);
    const verdict = gate.validate(batch, row);
    expect(quarantineRecord(batch, row, verdict, 17, universe)).toEqual({
      id: 17,
      timeUs: NOW,
      source: 'test',
      symbol: 'IBM',
      kind: 'trade',
      reason: 'price-not-positive',
      detail: 'A price is not above 0 (price -3).',
      raw: `{"ts_event_us":${NOW},"ts_recv_us":${NOW},"values":[-3,100],"exchange":0,"conditions":0}`,
    });
    batch.rawOf = (which) => `frame ${which}`;
    expect(quarantineRecord(batch, row, verdict, 17, universe).raw).toBe('frame 0');
  });

  it('take over what a parser could not read', () => {
    const { batch, source, universe } = setup();
    const row = batch.addPayload(EventKind.Malformed, -1, source, NOW, NOW, {
      type: 'malformed',
      reason: 'bad-row',
      detail: 'Line 3 has 2 fields, 5 are needed.',
      raw: '1,2',
    });
    expect(quarantineRecord(batch, row, 0, 1, universe)).toMatchObject({
      symbol: '',
      kind: 'malformed',
      reason: 'bad-row',
      raw: '1,2',
    });
  });

  it('have a sentence for every refusal, also of times beyond any date', () => {
    const { batch, ibm, source, universe } = setup();
    const row = batch.addTrade(ibm, source, 9e300, Number.NaN, Number.NaN, -1);
    const details = Object.values(Reject).map((verdict) => quarantineRecord(batch, row, verdict, 1, universe).detail);
    expect(new Set(details).size).toBe(REJECT_NAMES.length - 1);
    expect(details.every((detail) => /^[A-Z].*\.$/.test(detail))).toBe(true);
  });

  it('name a calendar that does not exist', () => {
    const { universe, gate, batch, source } = setup();
    const odd = universe.add(guessInstrument('ODD', { calendar: 'lse' }));
    const row = batch.addTrade(odd, source, NOW, NOW, 1, 1);
    expect(() => gate.validate(batch, row)).toThrow(/No calendar "lse"/);
  });
});
