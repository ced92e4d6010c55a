import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandleWindow } from '../../src/patterns/candlesticks/candle-window.ts';
import { CANDLESTICKS, type Candlestick, CandlestickScanner, candlestickFinding } from '../../src/patterns/index.ts';
import { type GoldenCase, numbersOf, readGolden } from '../golden/golden-file.ts';
import { type CandleBars, randomCandles } from '../support/random-candles.ts';

const SOURCES = join(import.meta.dirname, '../../src/patterns/candlesticks');
const VECTORS = join(import.meta.dirname, '../golden/vectors/candles_each.json');
/** Files of the folder that are no candlestick. */
const OTHERS = new Set(['index', 'registry', 'confirmation']);

/** Bars that any value may depend on: 15 for the averages, 3 more to a formation that is confirmed. */
const MEMORY = 18;
const BARS = 400;

const walks = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    bars: fc.constant(BARS),
    sigma: fc.constantFrom(0.0005, 0.0025, 0.015),
    gap: fc.constantFrom(0, 0.5, 2),
    steps: fc.constantFrom(1, 4, 20),
  })
  .map(randomCandles);

function columnsOf(golden: GoldenCase): CandleBars {
  const column = (name: string): Float64Array => Float64Array.from(numbersOf(golden.input, name));
  return {
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    slot: (index) => index,
  };
}

/** The values of every candlestick at a bar, by TA-Lib's name. */
function valuesAt(bars: CandleBars, index: number): { [taLib: string]: number } {
  const values: { [taLib: string]: number } = {};
  new CandlestickScanner().scan(bars, index, ({ taLib }, value) => {
    values[taLib] = value;
  });
  return values;
}

function changed(bars: CandleBars, change: (price: number, index: number) => number): CandleBars {
  return {
    open: bars.open.map(change),
    high: bars.high.map(change),
    low: bars.low.map(change),
    close: bars.close.map(change),
    slot: bars.slot,
  };
}

const vectors = readGolden(VECTORS).cases;

function casesOf(candlestick: Candlestick): { hits: GoldenCase[]; misses: GoldenCase[] } {
  const own = vectors.filter(({ name }) => name.split(' ')[0] === candlestick.taLib);
  return {
    hits: own.filter(({ name }) => !name.includes('near miss')),
    misses: own.filter(({ name }) => name.includes('near miss')),
  };
}

describe('the set of candlesticks', () => {
  it("is TA-Lib's: 61, each in a file of its own, listed under an id and a name of its own", () => {
    const files = readdirSync(SOURCES)
      .map((name) => name.replace(/\.ts$/, ''))
      .filter((name) => !name.startsWith('candle') && !OTHERS.has(name));
    expect(CANDLESTICKS.map(({ id }) => id).sort()).toEqual(files.sort());
    expect(new Set(CANDLESTICKS.map(({ taLib }) => taLib)).size).toBe(61);
  });
});

describe.each(CANDLESTICKS.map((candlestick) => [candlestick.id, candlestick] as const))('%s', (_, candlestick) => {
  it('is found where TA-Lib finds it, with every value that it can have, and not one price beside', () => {
    const { hits, misses } = casesOf(candlestick);
    expect(hits.length).toBeGreaterThan(0);
    expect(misses.length).toBe(hits.length);
    for (const golden of hits) {
      const bars = columnsOf(golden);
      const value = Number(golden.name.split(' ')[1]);
      expect(valuesAt(bars, bars.close.length - 1)[candlestick.taLib], golden.name).toBe(value);
      expect(Math.abs(value)).toBeLessThanOrEqual(candlestick.strongest);
    }
    for (const golden of misses) {
      const bars = columnsOf(golden);
      expect(valuesAt(bars, bars.close.length - 1)[candlestick.taLib], golden.name).toBeUndefined();
    }
    expect(hits.some(({ name }) => Math.abs(Number(name.split(' ')[1])) === candlestick.strongest)).toBe(true);
  });

  it('says what its direction says, from its formation on', () => {
    for (const golden of casesOf(candlestick).hits) {
      const bars = columnsOf(golden);
      const last = bars.close.length - 1;
      const times = {
        startUs: bars.close.map((_price, i) => 60e6 * i),
        endUs: bars.close.map((_price, i) => 60e6 * (i + 1)),
        slot: bars.slot,
      };
      new CandlestickScanner().scan(bars, last, (found, value, candles) => {
        if (found !== candlestick) return;
        const finding = candlestickFinding(found, value, candles, times, last);
        const says = { up: [1], down: [-1], either: [1, -1], none: [0] }[candlestick.direction];
        expect(says).toContain(finding.direction);
        expect(finding.fromUs).toBeLessThanOrEqual(60e6 * (last - candlestick.candles + 1));
        expect(finding.fromUs).toBeGreaterThan(60e6 * (last - candlestick.candles - 3));
        expect(finding.formedAtUs).toBe(60e6 * (last + 1));
        expect(finding.confidence).toBe((100 * Math.abs(value)) / candlestick.strongest);
      });
    }
  });
});

describe('every candlestick', () => {
  it('says no less for being asked only where its colours are there', () => {
    fc.assert(
      fc.property(walks, (bars) => {
        const window = new CandleWindow();
        for (let i = 0; i < BARS; i++) {
          window.load(bars, i);
          const asked = CANDLESTICKS.filter(({ lookback }) => i >= lookback);
          const values = asked.map((candlestick) => [candlestick.taLib, candlestick.recognise(window)] as const);
          expect(valuesAt(bars, i)).toEqual(Object.fromEntries(values.filter(([, value]) => value !== 0)));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is the same at any scale of the prices', () => {
    fc.assert(
      fc.property(walks, fc.integer({ min: -60, max: 60 }), (bars, power) => {
        const scaled = changed(bars, (price) => price * 2 ** power);
        for (let i = 0; i < BARS; i++) expect(valuesAt(scaled, i)).toEqual(valuesAt(bars, i));
      }),
      { numRuns: 8 },
    );
  });

  it('knows nothing of what follows its bar and nothing of what lies before its memory', () => {
    fc.assert(
      fc.property(walks, fc.integer({ min: MEMORY, max: BARS - 2 }), (bars, index) => {
        const values = valuesAt(bars, index);
        const garbage = changed(bars, (price, i) => (i > index || i <= index - MEMORY ? -7 * price : price));
        expect(valuesAt(garbage, index)).toEqual(values);
      }),
      { numRuns: 300 },
    );
  });

  it('has only the values ±80, ±100 and ±200, and from its lookback on', () => {
    fc.assert(
      fc.property(walks, (bars) => {
        const scanner = new CandlestickScanner();
        for (let i = 0; i < BARS; i++) {
          scanner.scan(bars, i, (candlestick, value, candles) => {
            expect([80, 100, 200]).toContain(Math.abs(value));
            expect(i).toBeGreaterThanOrEqual(candlestick.lookback);
            expect(candles).toBeLessThanOrEqual(candlestick.candles + 3);
            if (candlestick.direction === 'up') expect(value).toBeGreaterThan(0);
            if (candlestick.direction === 'down') expect(value).toBeLessThan(0);
          });
        }
      }),
      { numRuns: 30 },
    );
  });

  it('finds no direction in prices that stand still', () => {
    const flat = changed(randomCandles({ seed: 1, bars: 60, sigma: 0.01, gap: 0, steps: 2 }), () => 100);
    for (let i = 0; i < 60; i++) {
      new CandlestickScanner().scan(flat, i, (candlestick) => {
        // Equal closes of black candles, engulfed bodies: none of these is there. A doji is, for TA-Lib too.
        expect(candlestick.id).toBe('doji');
      });
    }
  });
});
