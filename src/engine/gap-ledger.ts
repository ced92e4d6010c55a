import type { Gap, GapState } from '../model/index.ts';

interface OpenGap {
  readonly id: number;
  readonly symbol: number;
  readonly source: number;
  readonly fromUs: number;
  toUs: number;
  state: GapState;
  readonly cause: string;
  recovered: number;
  /** Trades known to be missing, where ids tell; with the last of them the gap is filled. */
  readonly expected: number | undefined;
}

/** Gaps per symbol whose missing events may still turn up; older ones are settled as they stand (`drop-oldest`). */
const WATCHED_PER_SYMBOL = 64;

/**
 * The ledger of intervals in which a live feed was not complete. A gap is a record, never an absence: it is told when
 * it opens, when its end is known, when events turn up for it and when its source says that it is filled.
 */
export class GapLedger {
  private readonly watched: OpenGap[][] = [];
  private nextId = 1;
  private readonly tell: (gap: Gap) => void;
  /** Gaps ever opened. */
  opened = 0;

  constructor(tell: (gap: Gap) => void) {
    this.tell = tell;
  }

  /** Opens a gap that has no known end yet; returns its id. */
  open(symbol: number, source: number, fromUs: number, cause: string): number {
    return this.add(symbol, source, fromUs, Number.POSITIVE_INFINITY, 'missing', cause);
  }

  /** Records an interval whose both ends are known. */
  add(
    symbol: number,
    source: number,
    fromUs: number,
    toUs: number,
    state: GapState,
    cause: string,
    expected?: number,
    recovered = 0,
  ): number {
    const gap: OpenGap = { id: this.nextId++, symbol, source, fromUs, toUs, state, cause, recovered, expected };
    const list = this.listOf(symbol);
    list.push(gap);
    if (list.length > WATCHED_PER_SYMBOL) list.shift();
    this.opened++;
    this.tell({ ...gap });
    return gap.id;
  }

  /** Sets the end of every open gap of a symbol and source with that cause. */
  close(symbol: number, source: number, toUs: number, cause: string): void {
    for (const gap of this.listOf(symbol)) {
      if (gap.toUs !== Number.POSITIVE_INFINITY || gap.cause !== cause || gap.source !== source) continue;
      gap.toUs = Math.max(toUs, gap.fromUs);
      this.tell({ ...gap });
    }
  }

  /** Moves the known end of unfilled outages that hold part of [fromUs, toUs) to `toUs`, where it lies before it. */
  extend(symbol: number, source: number, fromUs: number, toUs: number): void {
    for (const gap of this.listOf(symbol)) {
      if (gap.source !== source || gap.state !== 'missing' || gap.cause !== 'disconnect') continue;
      if (gap.toUs >= toUs || gap.toUs < fromUs - 1) continue;
      gap.toUs = toUs;
      this.tell({ ...gap });
    }
  }

  /**
   * Counts an event of a symbol for the gaps that hold its time. Told when a gap is settled, not per event.
   * @param hasId whether it is a trade with an id; only those fill a hole of ids
   */
  recover(symbol: number, tsEventUs: number, hasId: boolean): void {
    const list = this.watched[symbol];
    if (list === undefined) return;
    for (let i = list.length - 1; i >= 0; i--) {
      const gap = list[i] as OpenGap;
      if (gap.state !== 'missing' || tsEventUs < gap.fromUs || tsEventUs >= gap.toUs) continue;
      if (gap.expected !== undefined && !hasId) continue;
      gap.recovered++;
      if (gap.recovered !== gap.expected) continue;
      gap.state = 'backfilled';
      this.tell({ ...gap });
    }
  }

  /** The source says what became of [fromUs, toUs): every gap inside takes that state. */
  settle(symbol: number, source: number, fromUs: number, toUs: number, state: GapState, cause: string): void {
    let found = false;
    for (const gap of this.listOf(symbol)) {
      if (gap.source !== source || gap.fromUs >= toUs || gap.toUs <= fromUs) continue;
      found = true;
      const endUs = gap.toUs;
      // Another source goes on serving: the stretch grows.
      if (endUs === Number.POSITIVE_INFINITY || (state === 'other_source' && gap.state === state && toUs > endUs)) {
        gap.toUs = toUs;
      }
      if (gap.state === state && gap.toUs === endUs) continue;
      gap.state = state;
      this.tell({ ...gap });
    }
    if (!found) this.add(symbol, source, fromUs, toUs, state, cause);
  }

  /** Whether an entry of the symbol and source holds part of [fromUs, toUs). */
  covers(symbol: number, source: number, fromUs: number, toUs: number): boolean {
    return (this.watched[symbol] ?? []).some((gap) => gap.source === source && gap.fromUs < toUs && gap.toUs > fromUs);
  }

  /** Entries of a symbol and source whose ends are known and that are not filled. */
  unfilled(symbol: number, source: number): readonly Gap[] {
    return (this.watched[symbol] ?? [])
      .filter((gap) => gap.source === source && gap.state === 'missing' && gap.toUs !== Number.POSITIVE_INFINITY)
      .map((gap) => ({ ...gap }));
  }

  hasOpen(symbol: number, cause: string): boolean {
    return (this.watched[symbol] ?? []).some((gap) => gap.cause === cause && gap.toUs === Number.POSITIVE_INFINITY);
  }

  private listOf(symbol: number): OpenGap[] {
    let list = this.watched[symbol];
    if (list === undefined) {
      list = [];
      this.watched[symbol] = list;
    }
    return list;
  }

  /** Plain JSON; an open end is written as null. */
  snapshot(): unknown {
    const gaps = this.watched
      .flat()
      .map((gap) => ({ ...gap, toUs: gap.toUs === Number.POSITIVE_INFINITY ? null : gap.toUs }));
    return { nextId: this.nextId, opened: this.opened, gaps };
  }

  restore(state: unknown): void {
    const { nextId, opened, gaps } = state as {
      nextId: number;
      opened: number;
      gaps: (OpenGap & { toUs: number | null })[];
    };
    this.nextId = nextId;
    this.opened = opened;
    this.watched.length = 0;
    for (const gap of gaps) this.listOf(gap.symbol).push({ ...gap, toUs: gap.toUs ?? Number.POSITIVE_INFINITY });
  }
}
