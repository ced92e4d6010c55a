import type { BarEvent, GapEvent } from '../../src/api/protocol/index.ts';
import { fixed } from '../dom/number-text.ts';
import { epochMs } from '../time/chart-seconds.ts';
import type { EventLog } from './event-log.ts';

/** Happenings of one kind this close together are one line: a repair revises a bar once per trade that came late. */
const BURST_MS = 3_000;
const NAMED_SYMBOLS = 3;

interface RevisionBurst {
  readonly key: string;
  lastMs: number;
  readonly starts: Set<number>;
  highest: number;
}

interface GapBurst {
  readonly key: string;
  lastMs: number;
  readonly symbols: Set<string>;
  fromMs: number;
  toMs: number | undefined;
  readonly repaired: Map<string, number>;
}

/** Tells gaps and revisions in the log, a burst of them in one line that counts. */
export class Happenings {
  readonly #log: EventLog;
  readonly #revisions = new Map<string, RevisionBurst>();
  readonly #gaps = new Map<string, GapBurst>();
  readonly #revisionOf = new Map<string, number>();

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** Tells of a revised bar; false when that revision was told before. */
  revised(bar: BarEvent, digits: number): boolean {
    const startMs = epochMs(bar.start);
    const timeMs = epochMs(bar.timestamp);
    const series = `${bar.symbol}|${bar.timeframe}`;
    const barKey = `${series}|${startMs}`;
    if ((this.#revisionOf.get(barKey) ?? 0) >= bar.revision) return false;
    this.#remember(barKey, bar.revision);
    let burst = this.#revisions.get(series);
    if (burst === undefined || timeMs - burst.lastMs > BURST_MS) {
      burst = { key: `revision|${series}|${timeMs}`, lastMs: timeMs, starts: new Set(), highest: 0 };
      this.#revisions.set(series, burst);
    }
    burst.lastMs = timeMs;
    burst.starts.add(startMs);
    burst.highest = Math.max(burst.highest, bar.revision);
    const one = `${bar.timeframe} bar {${startMs}} is now revision ${bar.revision}: close ${fixed(bar.close, digits)}, volume ${fixed(bar.volume, 0)}`;
    const text = burst.starts.size === 1 ? one : manyRevised(burst, bar.timeframe);
    this.#log.put({ key: burst.key, kind: 'revision', timeMs, symbol: bar.symbol, text });
    return true;
  }

  /** Tells of a gap in one of its states. */
  gap(gap: GapEvent): void {
    const timeMs = epochMs(gap.timestamp);
    const group = `${gap.source}|${gap.state}|${gap.reason}`;
    let burst = this.#gaps.get(group);
    if (burst === undefined || timeMs - burst.lastMs > BURST_MS) {
      burst = {
        key: `gap|${group}|${timeMs}`,
        lastMs: timeMs,
        symbols: new Set(),
        fromMs: Number.POSITIVE_INFINITY,
        toMs: undefined,
        repaired: new Map(),
      };
      this.#gaps.set(group, burst);
    }
    burst.lastMs = timeMs;
    burst.symbols.add(gap.symbol);
    burst.fromMs = Math.min(burst.fromMs, epochMs(gap.from));
    if (gap.to !== null) burst.toMs = Math.max(burst.toMs ?? 0, epochMs(gap.to));
    burst.repaired.set(`${gap.symbol}|${gap.from}`, gap.repaired);
    const symbol = burst.symbols.size === 1 ? gap.symbol : undefined;
    this.#log.put({ key: burst.key, kind: 'gap', timeMs, symbol, text: gapText(gap, burst) });
  }

  /** Bounded memory of what was told: the bars revised last. Policy: drop-oldest, and a replay would tell again. */
  #remember(barKey: string, revision: number): void {
    this.#revisionOf.delete(barKey);
    this.#revisionOf.set(barKey, revision);
    if (this.#revisionOf.size <= 5_000) return;
    const oldest = this.#revisionOf.keys().next().value;
    if (oldest !== undefined) this.#revisionOf.delete(oldest);
  }
}

function manyRevised(burst: RevisionBurst, timeframe: string): string {
  const starts = [...burst.starts];
  const range = `{${Math.min(...starts)}} to {${Math.max(...starts)}}`;
  return `${burst.starts.size} bars of ${timeframe}, ${range}, were revised, up to revision ${burst.highest}`;
}

function gapText(gap: GapEvent, burst: GapBurst): string {
  const names = [...burst.symbols];
  const more = names.length - NAMED_SYMBOLS;
  const listed = names.slice(0, NAMED_SYMBOLS).join(', ');
  const who = names.length === 1 ? '' : `${listed}${more > 0 ? ` and ${more} more` : ''}: `;
  const from = `{${burst.fromMs}}`;
  const to = burst.toMs === undefined ? '' : ` to {${burst.toMs}}`;
  const total = [...burst.repaired.values()].reduce((sum, count) => sum + count, 0);
  const expected = names.length === 1 && gap.expected !== null ? ` of ${gap.expected}` : '';
  const fetched = total === 0 ? '' : `: ${total}${expected} events fetched`;
  switch (gap.state) {
    case 'open':
      return `${who}no data from ${gap.source} since ${from} (${gap.reason})`;
    case 'backfilling':
      return `${who}repairing the gap from ${from}${to}${fetched}`;
    case 'backfilled':
      return `${who}gap from ${from}${to} repaired${fetched}`;
    case 'other_source':
      return `${who}gap from ${from}${to} filled by another source${fetched}`;
    case 'missing':
      return `${who}gap from ${from}${to} is missing so far (${gap.reason})`;
    case 'closed':
      return `${who}market closed from ${from}${to}`;
  }
}
