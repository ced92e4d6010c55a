import { expect, test } from 'vitest';
import { calibrationErrorNull, expectedCalibrationError, reliabilityBins } from '../../src/learners/index.ts';
import type { Bar } from '../../src/model/index.ts';
import { runBook, type TestPattern, walkBars } from './random-market.ts';

/** Seeds of ten patterns each: 20 make the 200 pattern-seeds of learning.md 4.8. */
const SEEDS = Number(process.env['TICKLOOM_NULL_SEEDS'] ?? 20);
const BARS = 5_000;

const close = (bars: readonly Bar[], index: number): number => (bars[index] as Bar).close;
const rises = (bars: readonly Bar[], index: number): boolean => close(bars, index) > (bars[index] as Bar).open;
const body = ({ open, close: end }: Bar): number => Math.abs(end - open);
const highest = (bars: readonly Bar[], from: number, to: number): number =>
  bars.slice(from, to).reduce((most, bar) => Math.max(most, bar.high), 0);
const momentum = (bars: readonly Bar[], index: number, length: number): number =>
  close(bars, index) / close(bars, index - length) - 1;

/** Rare ones, frequent ones and ones that overlap themselves; near and far barriers, both directions. */
const PATTERNS: readonly TestPattern[] = [
  {
    id: 'three-up',
    direction: 1,
    target: 1,
    stop: 1,
    horizonBars: 20,
    isThere: (b, i) => rises(b, i) && rises(b, i - 1) && rises(b, i - 2),
  },
  {
    id: 'three-up-sold',
    direction: -1,
    target: 1,
    stop: 1,
    horizonBars: 20,
    isThere: (b, i) => rises(b, i) && rises(b, i - 1) && rises(b, i - 2),
  },
  {
    id: 'breakout',
    direction: 1,
    target: 2,
    stop: 1,
    horizonBars: 30,
    isThere: (b, i) => close(b, i) > highest(b, i - 20, i),
  },
  {
    id: 'wide-stop',
    direction: 1,
    target: 0.5,
    stop: 1.5,
    horizonBars: 20,
    isThere: (b, i) => momentum(b, i, 10) < -0.006,
  },
  {
    id: 'near-target',
    direction: -1,
    target: 0.3,
    stop: 0.9,
    horizonBars: 10,
    isThere: (b, i) => momentum(b, i, 5) > 0.004,
  },
  {
    id: 'doji',
    direction: 1,
    target: 1,
    stop: 1.085,
    horizonBars: 15,
    isThere: (b, i) => body(b[i] as Bar) < 0.0002 * close(b, i),
  },
  {
    id: 'engulfing',
    direction: 1,
    target: 1,
    stop: 0.7,
    horizonBars: 12,
    isThere: (b, i) => rises(b, i) && !rises(b, i - 1) && body(b[i] as Bar) > 2 * body(b[i - 1] as Bar),
  },
  { id: 'every-seventh', direction: 1, target: 1, stop: 1, horizonBars: 5, isThere: (_, i) => i % 7 === 0 },
  {
    id: 'downtrend',
    direction: -1,
    target: 1.5,
    stop: 1,
    horizonBars: 25,
    isThere: (b, i) => momentum(b, i, 20) < -0.008,
  },
  {
    id: 'after-a-jump',
    direction: -1,
    target: 0.8,
    stop: 0.8,
    horizonBars: 8,
    isThere: (b, i) => Math.abs(momentum(b, i, 1)) > 0.004,
  },
];

test(`patterns on random walks are not better than random entries (${SEEDS * PATTERNS.length} pattern-seeds)`, () => {
  let covered = 0;
  let edges = 0;
  let events = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    for (const summary of runBook(PATTERNS, walkBars(71_001 + seed, BARS), `walk ${seed}`)) {
      expect(summary.n).toBeGreaterThan(30);
      expect(summary.randomN).toBeGreaterThan(summary.n);
      expect(summary.nEffective).toBeLessThanOrEqual(summary.n);
      events += summary.n;
      if (summary.difference.low <= 0 && summary.difference.high >= 0) covered++;
      if (summary.hasEdge) edges++;
    }
  }
  const all = SEEDS * PATTERNS.length;
  console.log(`${all} pattern-seeds, ${events} outcomes: interval contains 0 in ${covered}, edge in ${edges}`);
  // The exact binomial 99.9 % bounds for 200: 179 and 21; other numbers in proportion.
  expect(covered).toBeGreaterThanOrEqual(Math.floor(0.895 * all));
  expect(edges).toBeLessThanOrEqual(Math.ceil(0.105 * all));
}, 240_000);

test('a planted edge is found, with its size', () => {
  const isThere = (bars: readonly Bar[], index: number): boolean => index % 12 === 0 && index < bars.length;
  const planted: TestPattern = { id: 'planted', direction: 1, target: 1, stop: 1, horizonBars: 10, isThere };
  const control: TestPattern = { ...planted, id: 'control', isThere: (_, i) => i % 7 === 3 };
  const bars = walkBars(5, 12_000, (before) => (before.length > 30 && (before.length - 1) % 12 < 4 ? 0.0008 : -0.0004));
  const [found, other] = runBook([planted, control], bars, 'planted');
  expect(found?.hasEdge).toBe(true);
  expect(found?.evidence).toBeGreaterThan(20);
  expect(found?.difference.low).toBeGreaterThan(0.05);
  expect(found?.brierSkill).toBeGreaterThan(0);
  expect(other?.hasEdge).toBe(false);
});

test('stated probabilities are calibrated, with an edge and without', () => {
  const planted: TestPattern = {
    id: 'planted',
    direction: 1,
    target: 1,
    stop: 1,
    horizonBars: 10,
    isThere: (_, i) => i % 12 === 0,
  };
  for (const tilt of [0, 0.0003]) {
    const bars = walkBars(9, 24_000, (before) =>
      before.length > 30 && (before.length - 1) % 12 < 4 ? tilt : -tilt / 2,
    );
    const p: number[] = [];
    const y: number[] = [];
    runBook([planted], bars, 'calibrated', ({ model, barrier }) => {
      p.push(model);
      y.push(barrier === 'target' ? 1 : 0);
    });
    expect(p.length).toBeGreaterThan(1_900);
    // The first events rest on priors; what is asked of the rest is what chance alone allows to the 99 % quantile.
    const late = [p.slice(300), y.slice(300)] as const;
    const error = expectedCalibrationError(reliabilityBins(...late, 10));
    expect(error).toBeLessThan(calibrationErrorNull(late[0], 10));
  }
});
