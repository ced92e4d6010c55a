import { formatMicros } from '../../base/index.ts';
import type { FormingBar, StoredBar } from '../api-context.ts';
import type { BarRow } from '../protocol/index.ts';

/** NaN and absent numbers are null on the wire. */
export function orNull(value: number | undefined): number | null {
  return value === undefined || !Number.isFinite(value) ? null : value;
}

/** A closed bar of the stores as the wire has it. */
export function closedBarRow(bar: StoredBar, timeframe: string): BarRow {
  return {
    start: formatMicros(bar.start),
    open: bar.open,
    high: bar.high,
    low: bar.low,
    close: bar.close,
    volume: bar.volume,
    vwap: orNull(bar.vwap),
    trade_count: bar.trades ?? 0,
    timeframe,
    final: true,
    revision: bar.revision,
    source: bar.source ?? '',
    quality: bar.quality ?? 1,
  };
}

/** The bar that is being built as the wire has it. */
export function formingBarRow(bar: FormingBar, timeframe: string): BarRow {
  return {
    start: formatMicros(bar.startUs),
    open: bar.open,
    high: bar.high,
    low: bar.low,
    close: bar.close,
    volume: bar.volume,
    vwap: orNull(bar.vwap),
    trade_count: bar.trades,
    timeframe,
    final: false,
    revision: 0,
    source: bar.source,
    quality: bar.quality,
  };
}
