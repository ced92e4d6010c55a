import type { KeyPath } from './schema-walk.ts';

/** A key that another one sets when nobody set it. */
export interface DerivedLeaf {
  readonly path: KeyPath;
  readonly value: unknown;
  /** The key that it comes from. */
  readonly from: KeyPath;
}

interface Section {
  readonly enabled?: unknown;
  readonly provider?: unknown;
  readonly ticker?: unknown;
  readonly interval?: unknown;
}

/**
 * What the `streaming` section of the 15-minute analysis system means in our keys, once it is enabled: its provider is
 * the source, its ticker (or several, with commas) the symbols, its interval the timeframe that is analysed.
 */
export function derivedFromStreaming(config: Readonly<Record<string, unknown>>): readonly DerivedLeaf[] {
  const section = config['streaming'] as Section | undefined;
  if (section?.enabled !== true) return [];
  const derived: DerivedLeaf[] = [];
  const { provider, ticker, interval } = section;
  if (typeof provider === 'string') {
    derived.push({ path: ['source'], value: [provider], from: ['streaming', 'provider'] });
  }
  if (typeof ticker === 'string') {
    const symbols = ticker.split(',').map((text) => text.trim().toUpperCase());
    derived.push({ path: ['symbols'], value: symbols.filter((text) => text !== ''), from: ['streaming', 'ticker'] });
  }
  if (typeof interval === 'string') {
    const timeframes = (config['bars'] as { readonly timeframes?: unknown } | undefined)?.timeframes;
    const built = Array.isArray(timeframes) ? (timeframes as readonly unknown[]) : [];
    const from = ['streaming', 'interval'];
    if (!built.includes(interval)) derived.push({ path: ['bars', 'timeframes'], value: [...built, interval], from });
    derived.push({ path: ['patterns', 'timeframes'], value: [interval], from });
  }
  return derived;
}
