import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnomalyDetector, type AnomalyThresholds } from '../../src/quality/index.ts';

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const T0 = 1_795_186_800 * SECOND;
const THRESHOLDS: AnomalyThresholds = {
  priceZ: 10,
  priceLeastPct: 0.25,
  volumeZ: 6,
  volumeLeastRatio: 5,
  volumeWindowS: 10,
  spreadZ: 6,
  spreadLeastRatio: 5,
};

class Heard {
  readonly words: string[] = [];
  readonly numbers: (readonly number[])[] = [];
  readonly detector = new AnomalyDetector(THRESHOLDS, {
    onPriceSpike: (...numbers) => this.note('price', numbers),
    onVolumeSpike: (...numbers) => this.note('volume', numbers),
    onSpreadBlowout: (...numbers) => this.note('spread', numbers),
  });

  private note(word: string, numbers: readonly number[]): void {
    this.words.push(word);
    this.numbers.push(numbers);
  }
}

/** Forty prices that move by a hundredth of a percent. */
function calm(heard: Heard, symbol = 0): number {
  for (let i = 0; i < 40; i++) heard.detector.notePrice(symbol, T0 + i * SECOND, 100 + 0.01 * (i % 3), true);
  return T0 + 40 * SECOND;
}

describe('prices', () => {
  it('one print far away is a spike, with what was measured and the bound', () => {
    const heard = new Heard();
    const nowUs = calm(heard);
    heard.detector.notePrice(0, nowUs, 103, true);
    expect(heard.words).toEqual(['price']);
    const [symbol, price, usual, limitPct, barUs] = heard.numbers[0] as readonly number[];
    expect([symbol, price, barUs]).toEqual([0, 103, 0]);
    expect(usual).toBeCloseTo(100.01, 1);
    expect(limitPct).toBeGreaterThanOrEqual(0.25);
    expect(limitPct).toBeLessThan(1);
  });

  it('a move below the least one is none, however calm it was; nor is one of another symbol', () => {
    const heard = new Heard();
    const nowUs = calm(heard);
    heard.detector.notePrice(0, nowUs, 100.2, true);
    heard.detector.notePrice(1, nowUs, 500, true);
    expect(heard.words).toEqual([]);
  });

  it('a price that is not told is part of the range all the same', () => {
    const heard = new Heard();
    const nowUs = calm(heard);
    for (let i = 0; i < 60; i++) heard.detector.notePrice(0, nowUs + i * SECOND, 103, false);
    heard.detector.notePrice(0, nowUs + 60 * SECOND, 103, true);
    expect(heard.words).toEqual([]);
  });

  it('the first price after a long silence is compared with nothing', () => {
    const heard = new Heard();
    const nowUs = calm(heard);
    heard.detector.notePrice(0, nowUs + 16 * MINUTE, 120, true);
    expect(heard.words).toEqual([]);
  });
});

describe('volumes', () => {
  /** `windows` windows of ten seconds with 10 trades of 1 each. */
  function traded(heard: Heard, windows: number): number {
    for (let i = 0; i < windows * 10; i++) heard.detector.noteSize(0, T0 + i * SECOND, 1, true);
    return T0 + windows * 10 * SECOND;
  }

  it('a window beyond five times the usual volume is told once, when it gets there', () => {
    const heard = new Heard();
    const nowUs = traded(heard, 25);
    for (let i = 0; i < 30; i++) heard.detector.noteSize(0, nowUs + i, 2, true);
    expect(heard.words).toEqual(['volume']);
    const [, volume, limit, usual] = heard.numbers[0] as readonly number[];
    expect(usual).toBeCloseTo(10, 6);
    expect(limit).toBeCloseTo(50, 6);
    expect(volume).toBe(52);
  });

  it('needs twenty windows before it says anything', () => {
    const heard = new Heard();
    const nowUs = traded(heard, 19);
    heard.detector.noteSize(0, nowUs, 1e6, true);
    expect(heard.words).toEqual([]);
  });

  it('of ready-made bars every bar is a window; a newer state of one counts once', () => {
    const heard = new Heard();
    const bar = (i: number, volume: number) =>
      heard.detector.noteBar(0, T0 + i * MINUTE, MINUTE, 100 + (i % 2) * 0.01, volume, true);
    for (let i = 0; i < 25; i++) for (const volume of [400, 1000]) bar(i, volume);
    for (const volume of [900, 4900, 5100, 9000]) bar(25, volume);
    expect(heard.words).toEqual(['volume']);
    expect(heard.numbers[0]?.[1]).toBe(5100);
    expect(heard.numbers[0]?.[4]).toBe(MINUTE);
  });
});

describe('spreads', () => {
  it('a spread of five times the usual one is a blow-out, a tick more is none', () => {
    const heard = new Heard();
    const quote = (i: number, width: number) => heard.detector.noteSpread(0, T0 + i * SECOND, 100, 100 + width, true);
    for (let i = 0; i < 60; i++) quote(i, 0.04);
    quote(60, 0.08);
    expect(heard.words).toEqual([]);
    quote(61, 1);
    expect(heard.words).toEqual(['spread']);
    const [, bps, limit, usual] = heard.numbers[0] as readonly number[];
    expect(bps).toBeCloseTo(99.5, 1);
    expect(usual).toBeGreaterThan(3.9);
    expect(limit).toBeGreaterThan(5 * 3.9);
  });

  it('below ten hundredths of a percent none is told', () => {
    const heard = new Heard();
    for (let i = 0; i < 60; i++) heard.detector.noteSpread(0, T0 + i * SECOND, 100, 100.001, true);
    heard.detector.noteSpread(0, T0 + 61 * SECOND, 100, 100.09, true);
    expect(heard.words).toEqual([]);
  });
});

describe('the detector', () => {
  it('goes on from its columns to the same words, and scaling prices and sizes changes no word', () => {
    const step = fc.record({
      kind: fc.constantFrom('price', 'size', 'spread'),
      symbol: fc.integer({ min: 0, max: 2 }),
      value: fc.oneof({ weight: 15, arbitrary: fc.integer({ min: 95, max: 105 }) }, fc.integer({ min: 1, max: 5000 })),
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 100, maxLength: 500 }),
        fc.nat(99),
        fc.constantFrom(1, 2, 1024),
        (steps, cut, factor) => {
          const feed = (heard: Heard, from: number, to: number, by: number) => {
            steps.slice(from, to).forEach(({ kind, symbol, value }, i) => {
              const tsUs = T0 + (from + i) * SECOND;
              if (kind === 'price') heard.detector.notePrice(symbol, tsUs, value * by, true);
              else if (kind === 'size') heard.detector.noteSize(symbol, tsUs, value * by, true);
              else heard.detector.noteSpread(symbol, tsUs, 1000 * by, (1000 + value / 10) * by, true);
            });
          };
          const whole = new Heard();
          feed(whole, 0, steps.length, 1);
          const first = new Heard();
          feed(first, 0, cut, 1);
          const second = new Heard();
          second.detector.restore(first.detector.snapshot());
          feed(second, cut, steps.length, 1);
          expect([...first.numbers, ...second.numbers]).toEqual(whole.numbers);
          const scaled = new Heard();
          feed(scaled, 0, steps.length, factor);
          expect(scaled.words).toEqual(whole.words);
        },
      ),
      { numRuns: 60 },
    );
  });
});
