import { ChartScanner } from '../../src/patterns/index.ts';
import { Report, type SuiteResult } from '../figure.ts';
import { cpuNanosInTurn, threadCpuMs, use } from '../measure.ts';
import { chartNoiseRates, lmwNoiseRates, noiseBars } from '../noise-rates.ts';

const SYMBOLS = 1_000;
const BARS = 260;
/** Bars before the first that counts: pivots and formations are there then. */
const WARM_BARS = 160;
/** Three tenths of the goal of 5 µs a symbol for everything that is said at the close of a bar. */
const GOAL_NANOS = 1_500;

/** All chart patterns at every bar of 1000 symbols whose bars close together. */
export async function patternsCharts(): Promise<SuiteResult> {
  const report = new Report('patterns.charts');
  const series = Array.from({ length: SYMBOLS }, (_, i) =>
    noiseBars({ seed: 1_000 + i, bars: BARS, sigma: 0.0025, steps: 4 }),
  );
  const scanner = new ChartScanner();
  const size = scanner.stateSize;
  const state = new Float64Array(SYMBOLS * size);
  let said = 0;
  const onFound = (): void => {
    said++;
  };
  const contender = {
    name: 'charts',
    run() {
      for (let symbol = 0; symbol < SYMBOLS; symbol++) scanner.reset(state, symbol * size);
      let beforeMs = 0;
      for (let bar = 0; bar < BARS; bar++) {
        if (bar === WARM_BARS) {
          beforeMs = threadCpuMs();
          said = 0;
        }
        let at = 0;
        for (const bars of series) {
          scanner.update(state, at, bars, bar, onFound);
          at += size;
        }
      }
      use(said);
      return { operations: SYMBOLS * (BARS - WARM_BARS), cpuMs: threadCpuMs() - beforeMs };
    },
  };
  const [nanos] = (await cpuNanosInTurn([contender])) as [number];
  report.less(nanos, 'ns/bar', '1.5 µs', GOAL_NANOS);
  report.note(`${((1_000 * said) / (SYMBOLS * (BARS - WARM_BARS))).toFixed(1)} findings per 1000 bars of noise`);
  return report;
}

const WINDOWS = 5_000;
const PRINTED_WINDOWS = 300;
const WINDOW_BARS = 38;
const MOST_PERCENT = 5;

/** Share of the windows of a random walk in which the worst of the chart patterns is told, where none means anything. */
export function patternsNoise(): SuiteResult {
  const report = new Report('patterns.noise');
  const recipe = { seed: 38, sigma: 0.0025, steps: 8 };
  const ours = chartNoiseRates(recipe, WINDOWS, WINDOW_BARS);
  const printed = lmwNoiseRates(recipe, PRINTED_WINDOWS, WINDOW_BARS);
  const worst = 100 * Math.max(...ours.values());
  const headAndShoulders = 100 * (ours.get('head-and-shoulders') ?? 0);
  report.less(worst, '% of windows, the worst pattern', '5 % of windows', MOST_PERCENT);
  report.less(
    headAndShoulders,
    '% of windows, head and shoulders',
    'the same with 1.5 % as Lo, Mamaysky and Wang print it',
    100 * (printed.get('HS') ?? 0),
  );
  return report;
}
