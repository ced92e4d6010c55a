import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import { filterTwoStates, LIVE_CHANGE_POINTS, RunLengthTracker, runLengthPosterior } from '../../src/regimes/index.ts';

function recent(tracker: RunLengthTracker, x: readonly number[]): number[] {
  const state = new Float64Array(tracker.stateSize);
  tracker.reset(state, 0);
  return x.map((value) => tracker.update(state, 0, value));
}

function exact(x: readonly number[], young: number): number[] {
  return runLengthPosterior(LIVE_CHANGE_POINTS, x).map(({ probability }) =>
    probability.subarray(0, young + 1).reduce((a, b) => a + b, 0),
  );
}

/** Standard normal values whose spread changes now and then. */
function switching(seed: number, count: number): number[] {
  const prng = new Prng(seed);
  return Array.from({ length: count }, (_, i) => (i % 300 < 150 ? 1 : 3) * prng.gauss());
}

describe('bounded change points', () => {
  test('are exact while all run lengths have room', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { maxLength: 90 }), (x) => {
        const bounded = recent(new RunLengthTracker(LIVE_CHANGE_POINTS, 100, 10), x);
        exact(x, 10).forEach((value, i) => {
          expect(bounded[i]).toBeCloseTo(value, 10);
        });
      }),
      { numRuns: 50 },
    );
  });

  test('stay near the exact ones with 24 run lengths', () => {
    let worst = 0;
    let sum = 0;
    for (let seed = 1; seed <= 5; seed++) {
      const x = switching(seed, 900);
      const bounded = recent(new RunLengthTracker(LIVE_CHANGE_POINTS, 24, 10), x);
      exact(x, 10).forEach((value, i) => {
        const difference = Math.abs((bounded[i] as number) - value);
        worst = Math.max(worst, difference);
        sum += difference / (5 * 900);
      });
    }
    expect(sum).toBeLessThan(0.002);
    expect(worst).toBeLessThan(0.15);
  });

  test('probabilities sum to one over a long run, extreme values included', () => {
    const tracker = new RunLengthTracker(LIVE_CHANGE_POINTS, 24, 10);
    const state = new Float64Array(tracker.stateSize);
    tracker.reset(state, 0);
    const prng = new Prng(9);
    for (let i = 0; i < 12_000; i++) {
      const value = tracker.update(state, 0, i % 997 === 0 ? 8 : prng.gauss());
      expect(value).toBeGreaterThan(0);
      expect(value).toBeLessThan(1 + 1e-12);
      if (i % 500 !== 0) continue;
      let total = 0;
      for (let place = 1; place < 1 + 4 * (state[0] as number); place += 4) total += state[place + 1] as number;
      expect(total).toBeCloseTo(1, 10);
    }
  });
});

test('the two-state filter does not break on impossible values', () => {
  const model = { mu: [0, 0], sigma: [0.5, 2], toTurbulent: 0.02, toCalm: 0.05 } as const;
  const { turbulent, logLikelihood } = filterTwoStates(model, 0.3, [0, 1e3, 0, -1e3, 0.1]);
  expect([...turbulent].every((p) => p >= 0 && p <= 1)).toBe(true);
  expect(Number.isFinite(logLikelihood)).toBe(true);
  expect(turbulent[1]).toBe(1);
  // A certain state is left again by the chances of the chain.
  expect(turbulent[2]).toBeLessThan(1);
});
