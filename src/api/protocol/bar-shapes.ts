import type { BarRow } from './dashboard.ts';

/** One closed bar as ccxt has it: `[start in ms, open, high, low, close, volume]`. */
export type BarTuple = readonly [number, number, number, number, number, number];

/** Answer of `GET /api/v1/data/…?shape=array`: closed bars only, unless `closed=false` is asked for. */
export interface BarTuplePage {
  readonly symbol: string;
  readonly timeframe: string;
  readonly bars: readonly BarTuple[];
  readonly next_cursor: string | null;
}

/** Every field of a bar as one array per column, rows in step: a data frame in one line. */
export type BarColumns = {
  readonly [Name in keyof Omit<BarRow, 'symbol'>]: readonly BarRow[Name][];
};

/** Answer of `GET /api/v1/data/…?shape=columns`. */
export interface BarColumnsPage {
  readonly symbol: string;
  readonly timeframe: string;
  readonly columns: BarColumns;
  readonly next_cursor: string | null;
}
