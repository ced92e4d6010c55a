import { UsageError } from '../base/index.ts';

/** Windows and limits of the regime rules. */
export interface RegimeSettings {
  /** Bars of the volatility window and of the trend's move. */
  readonly windowBars: number;
  /** Largest number of returns that the trend's standard deviation is taken over; at least `windowBars`. */
  readonly sigmaBars: number;
  /** Returns needed before anything is said; at least `windowBars`. */
  readonly warmUpBars: number;
  /** Daily-equivalent volatility in percent below which it is low, and from which it is high. */
  readonly lowPct: number;
  readonly mediumPct: number;
  /** Moves in standard deviations from which a trend is weak, and from which it is strong. */
  readonly weakZ: number;
  readonly strongZ: number;
  /** Share of a limit by which it must be passed, and bars in a row, before the volatility class changes. */
  readonly hysteresis: number;
  readonly hysteresisBars: number;
}

export const DEFAULT_REGIME_SETTINGS: RegimeSettings = {
  windowBars: 20,
  sigmaBars: 100,
  warmUpBars: 20,
  lowPct: 1.5,
  mediumPct: 3,
  weakZ: 0.5,
  strongZ: 1.5,
  hysteresis: 0.05,
  hysteresisBars: 3,
};

/** The settings with another window: the trend's standard deviation keeps five windows. */
export function regimeSettings(changes: Partial<RegimeSettings>): RegimeSettings {
  const windowBars = changes.windowBars ?? DEFAULT_REGIME_SETTINGS.windowBars;
  return { ...DEFAULT_REGIME_SETTINGS, sigmaBars: 5 * windowBars, warmUpBars: windowBars, ...changes };
}

/** @throws UsageError naming the first setting that can not be, and what is allowed */
export function checkRegimeSettings(settings: RegimeSettings): void {
  const { windowBars, sigmaBars, warmUpBars, lowPct, mediumPct, weakZ, strongZ, hysteresis, hysteresisBars } = settings;
  need(Number.isInteger(windowBars) && windowBars >= 2, 'windowBars', windowBars, 'a whole number from 2');
  need(
    Number.isInteger(sigmaBars) && sigmaBars >= windowBars,
    'sigmaBars',
    sigmaBars,
    `a whole number from ${windowBars}`,
  );
  need(
    Number.isInteger(warmUpBars) && warmUpBars >= windowBars,
    'warmUpBars',
    warmUpBars,
    `a whole number from ${windowBars}`,
  );
  need(lowPct > 0, 'lowPct', lowPct, 'above 0');
  need(mediumPct > lowPct, 'mediumPct', mediumPct, `above lowPct (${lowPct})`);
  need(weakZ > 0, 'weakZ', weakZ, 'above 0');
  need(strongZ > weakZ, 'strongZ', strongZ, `above weakZ (${weakZ})`);
  need(hysteresis >= 0 && hysteresis < 1, 'hysteresis', hysteresis, 'from 0 to below 1');
  need(
    Number.isInteger(hysteresisBars) && hysteresisBars >= 1,
    'hysteresisBars',
    hysteresisBars,
    'a whole number from 1',
  );
}

function need(isFine: boolean, name: string, value: number, wanted: string): void {
  if (!isFine) throw new UsageError(`regimes: ${name} is ${value}; wanted is ${wanted}.`);
}
