import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Prng, UsageError } from '../../src/base/index.ts';
import type { Regime } from '../../src/model/index.ts';
import { REGIME_CELLS, RegimeTracker, regimeSettings } from '../../src/regimes/index.ts';

interface Step {
  readonly open: number;
  readonly close: number;
  readonly beginsSession?: boolean;
}

/** The regimes after each bar, with the block at a place inside a larger array that must stay untouched around it. */
function regimes(
  steps: readonly Step[],
  tracker = new RegimeTracker(regimeSettings({})),
  barsPerSession = 26,
): Regime[] {
  const state = new Float64Array(tracker.stateSize + 2).fill(7);
  tracker.reset(state, 1);
  const out = steps.map(({ open, close, beginsSession }) => {
    tracker.update(state, 1, open, close, beginsSession ?? false, barsPerSession);
    return tracker.read(state, 1);
  });
  expect([state[0], state[state.length - 1]]).toEqual([7, 7]);
  return out;
}

/** A walk whose daily-equivalent volatility is given per bar. */
function walk(seed: number, volatilityPct: readonly number[]): Step[] {
  const prng = new Prng(seed);
  let close = 100;
  return volatilityPct.map((daily) => {
    const open = close;
    close *= Math.exp((daily / 100 / Math.sqrt(26)) * prng.gauss());
    return { open, close };
  });
}

const repeat = (value: number, count: number): number[] => new Array<number>(count).fill(value);

describe('regime tracker', () => {
  test('says nothing before its window is full, and everything from then on', () => {
    const seen = regimes(walk(1, repeat(1, 40)));
    expect(seen[19]).toEqual({
      volatility: undefined,
      trend: undefined,
      volatilityPct: Number.NaN,
      trendZ: Number.NaN,
      turbulentProbability: Number.NaN,
      changePointProbability: Number.NaN,
    });
    for (const regime of seen.slice(20)) {
      expect(regime.volatility).toBeDefined();
      expect(regime.trend).toBeDefined();
      for (const share of [regime.turbulentProbability, regime.changePointProbability]) {
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThanOrEqual(1);
      }
    }
  });

  test('no regime changes when later data arrives, and a saved block goes on like the original', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 199 }), (seed, cut) => {
        const steps = walk(seed, [...repeat(1, 100), ...repeat(4, 100)]);
        expect(regimes(steps).slice(0, cut)).toEqual(regimes(steps.slice(0, cut)));
        const tracker = new RegimeTracker(regimeSettings({}));
        const state = new Float64Array(2 * tracker.stateSize);
        tracker.reset(state, 0);
        for (const { open, close } of steps.slice(0, cut)) tracker.update(state, 0, open, close, false, 26);
        const saved = state.slice(0, tracker.stateSize);
        for (const { open, close } of steps.slice(cut)) tracker.update(state, 0, open, close, false, 26);
        const end = tracker.read(state, 0);
        state.set(saved, tracker.stateSize);
        for (const { open, close } of steps.slice(cut))
          tracker.update(state, tracker.stateSize, open, close, false, 26);
        expect(tracker.read(state, tracker.stateSize)).toEqual(end);
      }),
      { numRuns: 30 },
    );
  });

  test('measures the volatility in daily percent, by class', () => {
    for (const [daily, name] of [
      [0.8, 'low'],
      [2.1, 'medium'],
      [5, 'high'],
    ] as const) {
      const seen = regimes(walk(11, repeat(daily, 3_000))).slice(20);
      const rms = Math.sqrt(seen.reduce((sum, { volatilityPct }) => sum + volatilityPct ** 2, 0) / seen.length);
      expect(Math.abs(rms / daily - 1)).toBeLessThan(0.05);
      expect(seen.filter(({ volatility }) => volatility === name).length / seen.length).toBeGreaterThan(0.85);
    }
  });

  test('switches at most 12 times per 1000 bars near a limit, and finds a step within 22 bars (1.0 to 2.8 %)', () => {
    const near = regimes(walk(5, repeat(1.27, 20_000))).slice(20);
    const switches = near.filter(({ volatility }, i) => i > 0 && volatility !== near[i - 1]?.volatility).length;
    expect((1_000 * switches) / near.length).toBeLessThan(12);
    const delays = Array.from({ length: 200 }, (_, seed) => {
      const seen = regimes(walk(seed + 1, [...repeat(1, 120), ...repeat(2.8, 60)]));
      return seen.slice(120).findIndex(({ volatility }) => volatility !== 'low') + 1;
    }).sort((a, b) => a - b);
    expect(delays[0]).toBeGreaterThan(0);
    expect(delays[100]).toBeLessThanOrEqual(9);
    expect(delays[197]).toBeLessThanOrEqual(22);
  });

  test('trend classes occur on a random walk as often as they should', () => {
    const counts: Record<string, number> = {};
    const seen = regimes(walk(8, repeat(1, 60_000))).slice(120);
    for (const { trend } of seen) counts[trend as string] = (counts[trend as string] ?? 0) + 1 / seen.length;
    const expected = { strong_bear: 0.065, weak_bear: 0.24, sideways: 0.38, weak_bull: 0.24, strong_bull: 0.065 };
    for (const [name, share] of Object.entries(expected)) {
      expect(Math.abs((counts[name] as number) - share)).toBeLessThan(0.025);
    }
  });

  test('a gap over night is no volatility, but part of the trend', () => {
    const steps = Array.from({ length: 60 }, (_, i): Step => {
      const base = i < 50 ? 100 : 110;
      const close = base * (1 + (i % 2) * 0.0005);
      return { open: i === 50 ? 110 : close, close, beginsSession: i === 50 };
    });
    const gapped = regimes(steps).at(-1) as Regime;
    const flat = regimes(steps.map((step) => ({ ...step, beginsSession: false }))).at(-1) as Regime;
    expect(gapped.volatilityPct).toBeLessThan(0.5);
    expect(flat.volatilityPct).toBeGreaterThan(5);
    expect(gapped.trend).toBe('strong_bull');
  });

  test('constant prices are calm and without trend; what is no price is passed over', () => {
    const still = repeat(100, 150).map((close) => ({ open: close, close }));
    const last = regimes(still).at(-1) as Regime;
    expect(last).toMatchObject({ volatility: 'low', trend: 'sideways', volatilityPct: 0, trendZ: 0 });
    expect(Object.values(last)).not.toContain(Number.NaN);
    const steps = walk(3, repeat(2, 80));
    const holed = steps.flatMap((step, i) =>
      i % 7 === 3 ? [{ open: 0, close: 0 }, { open: 1, close: Number.NaN }, step] : [step],
    );
    expect(regimes(holed).at(-1)).toEqual(regimes(steps).at(-1));
  });

  test('turbulence and change points rise when the volatility jumps, and calm down again', () => {
    const seen = regimes(walk(4, [...repeat(1, 400), ...repeat(4, 60), ...repeat(1, 200)]));
    const mean = (from: number, to: number, pick: (regime: Regime) => number): number =>
      seen.slice(from, to).reduce((sum, regime) => sum + pick(regime), 0) / (to - from);
    const turbulent = (from: number, to: number) => mean(from, to, (regime) => regime.turbulentProbability);
    const change = (from: number, to: number) => mean(from, to, (regime) => regime.changePointProbability);
    expect(turbulent(300, 400)).toBeLessThan(0.2);
    expect(turbulent(410, 440)).toBeGreaterThan(0.9);
    expect(turbulent(560, 660)).toBeLessThan(0.2);
    expect(change(300, 400)).toBeLessThan(0.15);
    expect(Math.max(...seen.slice(400, 412).map((regime) => regime.changePointProbability))).toBeGreaterThan(0.9);
  });

  test('cells number every pair of classes', () => {
    const tracker = new RegimeTracker(regimeSettings({}));
    const state = new Float64Array(tracker.stateSize);
    tracker.reset(state, 0);
    expect(tracker.cell(state, 0)).toBe(-1);
    expect(tracker.sigma(state, 0)).toBeNaN();
    const seen = new Set<number>();
    for (const { open, close } of walk(2, [...repeat(1, 2_000), ...repeat(2.2, 2_000), ...repeat(6, 2_000)])) {
      tracker.update(state, 0, open, close, false, 26);
      const cell = tracker.cell(state, 0);
      if (cell >= 0) {
        seen.add(cell);
        expect(cell).toBe(tracker.volatilityClass(state, 0) * 5 + tracker.trendClass(state, 0));
      }
    }
    expect(seen.size).toBe(REGIME_CELLS);
  });

  test('refuses settings that can not be, and says what is allowed', () => {
    for (const [changes, message] of [
      [{ windowBars: 1 }, /windowBars is 1; wanted is a whole number from 2/],
      [{ windowBars: 30, sigmaBars: 20 }, /sigmaBars is 20; wanted is a whole number from 30/],
      [{ lowPct: 3, mediumPct: 2 }, /mediumPct is 2; wanted is above lowPct \(3\)/],
      [{ hysteresis: 1 }, /hysteresis is 1/],
      [{ warmUpBars: 5 }, /warmUpBars is 5/],
    ] as const) {
      const make = () => new RegimeTracker(regimeSettings(changes));
      expect(make).toThrow(UsageError);
      expect(make).toThrow(message);
    }
  });
});
