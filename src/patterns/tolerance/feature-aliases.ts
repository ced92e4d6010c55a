import { parseFeature } from '../../features/index.ts';

/** Spellings of the source systems, in lower case, and what they are here. `$1` is the length in bars. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^macd_(?:histogram|hist)$/, 'macd_hist'],
  [/^macd_line$/, 'macd'],
  [/^(?:vol|volume)_ratio$/, 'volume_ratio_20'],
  [/^(?:vol|volume)_ratio_(\d+)$/, 'volume_ratio_$1'],
  [/^close_vs_(?:ma|sma)$/, 'close_vs_sma_20'],
  [/^close_vs_(?:ma|sma)_?(\d+)$/, 'close_vs_sma_$1'],
  [/^(?:dist_(?:ma|sma)_|close_to_sma_?)(\d+)$/, 'sma_distance_$1'],
  [/^(?:ma|sma)_(\d+)$/, 'sma_$1'],
  [/^atr_(\d+)_pct$/, 'natr_$1'],
  [/^stoch_(?:(\d+)_k|k_(\d+))$/, 'stoch_fast_k_$1$2'],
  [/^stoch_(?:(\d+)_d|d_(\d+))$/, 'stoch_fast_d_$1$2'],
  [/^roc_(\d+)d$/, 'roc_$1'],
  [/^roc_oscillator_(\d+)$/, 'roc_$1'],
  [/^momentum_(\d+)d$/, 'momentum_$1'],
  [/^bb_(?:position|pctb)_(\d+)$/, 'bb_position_$1'],
  [/^bb_width_(\d+)$/, 'bb_width_$1'],
  [/^bb_(upper|lower|middle)_(\d+)$/, 'bb_$1_$2'],
  [/^tr$/, 'true_range'],
  [/^cci$/, 'cci_20'],
  [/^rsi$/, 'rsi_14'],
];

/** The feature's name here: the spelling of a source system turned into ours, ours left alone, case aside. */
export function featureNameOf(name: string): string {
  const lower = name.toLowerCase();
  for (const [pattern, ours] of ALIASES) if (pattern.test(lower)) return lower.replace(pattern, ours);
  return lower;
}

/** One text for all spellings of a feature: `rsi`, `RSI_14` and `rsi_14` give the same. @throws TickloomError `bad-feature`. */
export function featureKey(name: string): string {
  const { indicator, outputIndex, parameters } = parseFeature(featureNameOf(name));
  return `${indicator.name}:${outputIndex}:${parameters.join(':')}`;
}
