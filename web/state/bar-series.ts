import type { BarRow } from '../../src/api/protocol/index.ts';
import { epochMs } from '../time/chart-seconds.ts';

/** A bar as the page holds it: the wire's row with its start as a number. */
export interface Bar extends BarRow {
  readonly startMs: number;
}

/** What one bar did to the series. */
export type BarChange = 'appended' | 'updated' | 'revised' | 'inserted' | 'ignored';

/** One earlier version of a bar that has been revised, as this page saw it. */
export interface BarVersion {
  readonly revision: number;
  readonly close: number;
  readonly volume: number;
}

/** Turns a wire row into a bar. Throws when its start is not a time. */
export function toBar(row: BarRow): Bar {
  return { ...row, startMs: epochMs(row.start) };
}

/**
 * The bars of one symbol and timeframe, ascending by start, one per start. Accepts them in any order and more
 * than once: a later revision replaces an earlier one, never the other way round.
 */
export class BarSeries {
  readonly symbol: string;
  readonly timeframe: string;
  #bars: Bar[] = [];
  readonly #versions = new Map<number, BarVersion[]>();

  constructor(symbol: string, timeframe: string) {
    this.symbol = symbol;
    this.timeframe = timeframe;
  }

  get bars(): readonly Bar[] {
    return this.#bars;
  }

  get last(): Bar | undefined {
    return this.#bars[this.#bars.length - 1];
  }

  /** Earlier versions of the bar with that start that this page has seen, oldest first. */
  versions(startMs: number): readonly BarVersion[] {
    return this.#versions.get(startMs) ?? [];
  }

  /** Index of the bar with that start, or of the first later one. */
  indexAt(startMs: number): number {
    let low = 0;
    let high = this.#bars.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#bars[middle] as Bar).startMs < startMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  find(startMs: number): Bar | undefined {
    const bar = this.#bars[this.indexAt(startMs)];
    return bar?.startMs === startMs ? bar : undefined;
  }

  /** Takes one bar in. */
  apply(bar: Bar): BarChange {
    const last = this.last;
    if (last === undefined || bar.startMs > last.startMs) {
      this.#bars.push(bar);
      return 'appended';
    }
    const index = this.indexAt(bar.startMs);
    const held = this.#bars[index];
    if (held === undefined || held.startMs !== bar.startMs) {
      this.#bars.splice(index, 0, bar);
      return 'inserted';
    }
    if (isOlder(bar, held)) return 'ignored';
    this.#bars[index] = bar;
    if (held.final && bar.revision > held.revision) {
      const seen = this.#versions.get(bar.startMs) ?? [];
      seen.push({ revision: held.revision, close: held.close, volume: held.volume });
      this.#versions.set(bar.startMs, seen);
      return 'revised';
    }
    return 'updated';
  }

  /** Puts a page of older history in front; bars that are held already stay as they are. Says how many were new. */
  prepend(page: readonly Bar[]): number {
    const first = this.#bars[0]?.startMs ?? Number.POSITIVE_INFINITY;
    const older = page.filter((bar) => bar.startMs < first);
    this.#bars = [...older, ...this.#bars];
    return older.length;
  }
}

/** True when `next` says less than what is held: a forming bar after the final one, or an earlier revision. */
function isOlder(next: Bar, held: Bar): boolean {
  if (held.final && !next.final) return true;
  if (next.revision !== held.revision) return next.revision < held.revision;
  return !next.final && next.trade_count < held.trade_count;
}
