import { TREND_CLASSES, VOLATILITY_CLASSES } from '../../../src/model/index.ts';
import { classifyVolatility, meanAtrPercent, RegimeTracker, regimeSettings } from '../../../src/regimes/index.ts';
import type { GoldenChecker, Json, JsonObject } from '../golden-file.ts';
import { numbersOf } from '../golden-file.ts';

/** The live tracker bar by bar, or the source system's mean range where the case has a parameter `atr`. */
export const checkRegimes: GoldenChecker = ({ params, input }) =>
  typeof params.atr === 'number' ? seedCompat(params, input) : tracked(params, numbersOf(input, 'close'));

function tracked(params: JsonObject, closes: readonly number[]): JsonObject {
  const windowBars = number(params, 'n');
  const sigmaBars = number(params, 'N');
  const trend = numbersOf(params, 'trend');
  const low = number(params, 'low');
  const high = number(params, 'high');
  const tracker = new RegimeTracker(
    regimeSettings({
      windowBars,
      sigmaBars,
      warmUpBars: Math.max(windowBars, sigmaBars),
      lowPct: low,
      mediumPct: high,
      weakZ: trend[0] as number,
      strongZ: trend[1] as number,
      hysteresis: number(params, 'hysteresis_rel'),
      hysteresisBars: number(params, 'hysteresis_bars'),
    }),
  );
  // Somewhere inside the array, as in the engine.
  const at = 3;
  const state = new Float64Array(at + tracker.stateSize);
  tracker.reset(state, at);
  const perBar: Json[] = [];
  const settled: Json[] = [];
  for (const close of closes) {
    tracker.update(state, at, close, close, false, number(params, 'bars_per_day'));
    const regime = tracker.read(state, at);
    settled.push(regime.volatility ?? null);
    if (regime.volatility === undefined) {
      perBar.push(null);
      continue;
    }
    perBar.push({
      vol_daily_pct: regime.volatilityPct,
      vol: VOLATILITY_CLASSES[classifyVolatility(regime.volatilityPct, low, high)] as string,
      z: regime.trendZ,
      trend: TREND_CLASSES[tracker.trendClass(state, at)] as string,
    });
  }
  return { per_bar: perBar, vol_with_hysteresis: settled };
}

function seedCompat(params: JsonObject, input: JsonObject): JsonObject {
  const mean = meanAtrPercent(
    numbersOf(input, 'high'),
    numbersOf(input, 'low'),
    numbersOf(input, 'close'),
    number(params, 'atr'),
    number(params, 'window'),
  );
  const classes = [...mean].map(
    (value): Json =>
      Number.isNaN(value)
        ? null
        : (VOLATILITY_CLASSES[classifyVolatility(value, number(params, 'low'), number(params, 'high'))] as string),
  );
  return { mean_atr_pct: [...mean], vol: classes };
}

function number(params: JsonObject, key: string): number {
  const value = params[key];
  if (typeof value !== 'number') throw new Error(`parameter "${key}" is no number`);
  return value;
}
