import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noiseBars } from '../../bench/noise-rates.ts';
import type { PatternFinding } from '../../src/model/index.ts';
import { CHART_PATTERNS, type ChartBars, ChartScanner } from '../../src/patterns/index.ts';
import { CRAFTED_FROM, craftedChart, mirrored, steps, type WayPoint } from '../support/crafted-chart.ts';

const FOLDER = join(import.meta.dirname, '../../src/patterns/charts');
const OTHERS = /^(index|registry|chart-.*|formation|track-pivots)$/;

interface Example {
  readonly hit: readonly WayPoint[];
  /** The same with one criterion not met. */
  readonly miss: readonly WayPoint[];
}

const upAndDown = (bars: number): WayPoint[] => Array.from({ length: bars }, (_, i) => [1, i % 2 === 0 ? 1 : 0]);

const TOPS: { [id: string]: Example } = {
  'double-top': { hit: steps(5, -5, 16, 4, 16, -6), miss: steps(5, -5, 16, 4, 18, -6) },
  'triple-top': { hit: steps(5, -5, 16, 8, 16, 8, 16, -6), miss: steps(5, -5, 16, 8, 16, 8, 13, -6) },
  'head-and-shoulders': { hit: steps(5, -5, 14, 7, 19, 7, 14, -6), miss: steps(5, -5, 14, 7, 19, 7, 10, -6) },
  'ascending-triangle': { hit: steps(20, 6, 20, 12, 20, 16.5, 26), miss: steps(20, 6, 16.5, 12, 20, 16.5, 26) },
  'rising-wedge': { hit: steps(20, 8, 24, 17, 27, 8), miss: steps(20, 8, 20.5, 17, 27, 8) },
  'bull-flag': {
    hit: [
      [5, 14],
      [8, 11],
      [5, 24],
    ],
    miss: [
      [5, 5],
      [8, 4],
      [5, 12],
    ],
  },
  'breakout-up': { hit: [...upAndDown(60), [1, 7]], miss: [...upAndDown(60), [1, 2], [1, 3], [1, 9]] },
  'resistance-test': { hit: steps(10, 2, 10, 2, 10, 4), miss: steps(10, 2, 10, 2, 11.5, 4) },
};

const MIRRORS: { [id: string]: string } = {
  'double-top': 'double-bottom',
  'triple-top': 'triple-bottom',
  'head-and-shoulders': 'inverse-head-and-shoulders',
  'ascending-triangle': 'descending-triangle',
  'rising-wedge': 'falling-wedge',
  'bull-flag': 'bear-flag',
  'breakout-up': 'breakout-down',
  'resistance-test': 'support-test',
};

const EXAMPLES: { [id: string]: Example } = {
  ...TOPS,
  ...Object.fromEntries(
    Object.entries(TOPS).map(([id, { hit, miss }]) => [MIRRORS[id], { hit: mirrored(hit), miss: mirrored(miss) }]),
  ),
  'symmetrical-triangle': { hit: steps(24, 4, 20, 8, 16, 12.5, 24), miss: steps(24, 4, 14, 8, 16, 12.5, 24) },
  rectangle: { hit: steps(14, 2, 14, 2, 14, -4), miss: steps(14, 2, 18, 2, 14, -4) },
};

interface Told {
  readonly index: number;
  readonly finding: PatternFinding;
}

function tellAll(bars: ChartBars, count = bars.close.length): Told[] {
  const scanner = new ChartScanner();
  const state = new Float64Array(scanner.stateSize);
  scanner.reset(state, 0);
  const told: Told[] = [];
  for (let index = 0; index < count; index++) {
    scanner.update(state, 0, bars, index, (finding) => told.push({ index, finding }));
  }
  return told;
}

function ofPattern(wayPoints: readonly WayPoint[], id: string): PatternFinding[] {
  return tellAll(craftedChart(wayPoints))
    .filter(({ index, finding }) => index >= CRAFTED_FROM && finding.patternId === id)
    .map(({ finding }) => finding);
}

const walks = fc
  .record({
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    bars: fc.constant(1_500),
    sigma: fc.constantFrom(0.0005, 0.0025, 0.015),
    steps: fc.constantFrom(1, 4),
  })
  .map(noiseBars);

function scaled(bars: ChartBars, factor: number): ChartBars {
  const times = (column: Float64Array): Float64Array => column.map((price) => price * factor);
  return { ...bars, open: times(bars.open), high: times(bars.high), low: times(bars.low), close: times(bars.close) };
}

describe('the registry of chart patterns', () => {
  it('has an example for each, and each file of the folder', () => {
    const ids = CHART_PATTERNS.map(({ id }) => id);
    expect(Object.keys(EXAMPLES).sort()).toEqual(ids.toSorted());
    const files = readdirSync(FOLDER)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => name.slice(0, -3))
      .filter((name) => !OTHERS.test(name));
    expect(files.sort()).toEqual(ids.toSorted());
  });
});

describe.each(CHART_PATTERNS.map((pattern) => [pattern.id, pattern] as const))('%s', (id, pattern) => {
  const example = EXAMPLES[id] as Example;

  it('finds its formation, tells when it is confirmed, and gives levels that make sense', () => {
    const findings = ofPattern(example.hit, id);
    const triggered = findings.filter(({ status }) => status === 'TRIGGERED');
    expect(triggered.length).toBeGreaterThan(0);
    for (const { direction, levels, points, confidence } of findings) {
      if (pattern.direction !== 0) expect(direction).toBe(pattern.direction);
      expect(points.map(({ role }) => role)).toEqual(pattern.roles);
      expect(confidence).toBeGreaterThanOrEqual(50);
      expect(confidence).toBeLessThanOrEqual(100);
      expect(levels === undefined).toBe(direction === 0);
    }
  });

  it('does not find the near miss', () => {
    expect(ofPattern(example.miss, id)).toEqual([]);
  });

  it.each([-7, 1, 10])('finds the same when prices are 2^%i times as high', (power) => {
    const bars = craftedChart(example.hit);
    const factor = 2 ** power;
    const told = tellAll(bars).filter(({ finding }) => finding.patternId === id);
    const there = tellAll(scaled(bars, factor)).filter(({ finding }) => finding.patternId === id);
    expect(told.length).toBeGreaterThan(0);
    expect(there).toEqual(
      told.map(({ index, finding }) => ({
        index,
        finding: {
          ...finding,
          points: finding.points.map((point) => ({ ...point, price: point.price * factor })),
          levels: finding.levels && {
            entry: finding.levels.entry * factor,
            target: finding.levels.target * factor,
            stop: finding.levels.stop * factor,
          },
        },
      })),
    );
  });
});

describe('all chart patterns on random walks', () => {
  it('say nothing that depends on later bars', () => {
    fc.assert(
      fc.property(walks, fc.integer({ min: 100, max: 1_400 }), (bars, count) => {
        const whole = tellAll(bars).filter(({ index }) => index < count);
        const cut = { ...bars, high: bars.high.map((price, i) => (i < count ? price : 9 * price)) };
        cut.close = bars.close.map((price, i) => (i < count ? price : 5 * price));
        expect(tellAll(cut).filter(({ index }) => index < count)).toEqual(whole);
        expect(tellAll(bars, count)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('name times in order and levels on the right sides', () => {
    let seen = 0;
    fc.assert(
      fc.property(walks, (bars) => {
        for (const { index, finding } of tellAll(bars)) {
          seen++;
          const knowableUs = bars.endUs[index] as number;
          expect(finding.formedAtUs).toBeLessThanOrEqual(knowableUs);
          expect(finding.fromUs).toBeLessThan(finding.formedAtUs);
          for (const { tsUs, price } of finding.points) {
            expect(tsUs).toBeGreaterThanOrEqual(finding.fromUs);
            expect(tsUs).toBeLessThan(finding.formedAtUs);
            const bar = bars.startUs.indexOf(tsUs);
            expect(price).toBeLessThanOrEqual(bars.high[bar] as number);
            expect(price).toBeGreaterThanOrEqual(bars.low[bar] as number);
          }
          const { levels, direction } = finding;
          if (levels === undefined) continue;
          expect(levels.entry).toBe(bars.close[index]);
          expect(direction * (levels.target - levels.entry)).toBeGreaterThan(0);
          expect(direction * (levels.entry - levels.stop)).toBeGreaterThan(0);
          expect(Math.min(levels.target, levels.stop)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 20 },
    );
    expect(seen).toBeGreaterThan(100);
  });

  it('keep all memory of a series in its block: interleaved, saved and restored', () => {
    fc.assert(
      fc.property(walks, walks, fc.integer({ min: 40, max: 1_400 }), (a, b, at) => {
        const scanner = new ChartScanner();
        const size = scanner.stateSize;
        const state = new Float64Array(3 + 2 * size).fill(Number.NaN);
        scanner.reset(state, 3);
        scanner.reset(state, 3 + size);
        const told: [Told[], Told[]] = [[], []];
        for (let index = 0; index < a.close.length; index++) {
          if (index === at) {
            const saved = state.slice();
            for (let k = 0; k < 50; k++) scanner.update(state, 3, b, index + k, () => undefined);
            state.set(saved);
          }
          scanner.update(state, 3, a, index, (finding) => told[0].push({ index, finding }));
          scanner.update(state, 3 + size, b, index, (finding) => told[1].push({ index, finding }));
        }
        expect(told).toEqual([tellAll(a), tellAll(b)]);
        expect([...state.subarray(0, 3)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      }),
      { numRuns: 8 },
    );
  });

  it('need no more than the last 60 bars of the series, whatever their index', () => {
    fc.assert(
      fc.property(walks, (bars) => {
        const scanner = new ChartScanner();
        const state = new Float64Array(scanner.stateSize);
        const told: Told[] = [];
        for (let index = 0; index < bars.close.length; index++) {
          const dropped = Math.max(0, index - 59);
          const window = { ...bars, slot: (i: number) => (i < 0 ? Number.NaN : i + dropped) };
          scanner.update(state, 0, window, index - dropped, (finding) => told.push({ index, finding }));
        }
        expect(told).toEqual(tellAll(bars));
      }),
      { numRuns: 8 },
    );
  });

  it('forget what was before a split', () => {
    const before = noiseBars({ seed: 5, bars: 400, sigma: 0.0025, steps: 4 });
    const split = (column: Float64Array): Float64Array => column.map((price, i) => (i < 200 ? price : price / 4));
    const bars = { ...before, open: split(before.open), high: split(before.high), low: split(before.low) };
    const told = tellAll({ ...bars, close: split(before.close) }).filter(({ index }) => index >= 200);
    for (const { finding } of told) expect(finding.fromUs).toBeGreaterThanOrEqual(before.startUs[200] as number);
    expect(told.length).toBeGreaterThan(0);
  });
});
