import type { BarColumns } from '../indicators/index.ts';
import { parseFeature } from './feature-spec.ts';

/**
 * A feature over a whole history in one call, by an algorithm of its own: equal to what {@link FeatureEngine} gives bar
 * by bar within 1e-9 relative. NaN until warm.
 * @throws TickloomError `bad-feature`.
 */
export function wholeHistory(name: string, columns: BarColumns): Float64Array {
  const { indicator, outputIndex, parameters } = parseFeature(name);
  return indicator.wholeHistory(columns, parameters)[outputIndex] as Float64Array;
}
