import { type Micros, TickloomError } from '../base/index.ts';
import { type EventBatch, EventKind, type EventSource, type Universe } from '../model/index.ts';

/** Rows that a simulator holds in memory at most; policy `halt`: a longer tape is refused by name. */
const MAX_ROWS = 20_000_000;
const FIRST_CAPACITY = 65_536;
/** The most digits of an id that still is an integer on every provider's wire (signed 64 bits). */
const MAX_ID_DIGITS = 18;

const PLAYABLE: readonly EventKind[] = [
  EventKind.Trade,
  EventKind.Quote,
  EventKind.SourceBar,
  EventKind.Correction,
  EventKind.Cancel,
];

/**
 * A whole tape in memory as columns, in the order of its receive times, which is the order in which a simulator plays
 * it. Row numbers are the positions of that order. Only what a provider could send is kept: trades, quotes, bars,
 * corrections and cancels; `skipped` counts the rest.
 */
export class SimulatedTape {
  readonly universe: Universe;
  length = 0;
  skipped = 0;
  kind = new Uint8Array(FIRST_CAPACITY);
  symbol = new Int32Array(FIRST_CAPACITY);
  exchange = new Uint16Array(FIRST_CAPACITY);
  conditions = new Int32Array(FIRST_CAPACITY);
  /** 1, 2, 3, … within the symbol and kind of the row. */
  ordinal = new Int32Array(FIRST_CAPACITY);
  tsEventUs = new Float64Array(FIRST_CAPACITY);
  tsRecvUs = new Float64Array(FIRST_CAPACITY);
  /** Price, bid or open. */
  p0 = new Float64Array(FIRST_CAPACITY);
  /** Size, bid size or high. */
  p1 = new Float64Array(FIRST_CAPACITY);
  /** Ask or low. */
  p2 = new Float64Array(FIRST_CAPACITY);
  /** Ask size or close. */
  p3 = new Float64Array(FIRST_CAPACITY);
  private readonly ids = new Map<number, string>();
  /** Volume, VWAP, trades and timeframe of bar rows. */
  private readonly barParts = new Map<number, readonly [number, number, number, number]>();
  private readonly ordinals = new Map<number, number>();
  /** Symbols with a trade that has no id, or one that is no integer. */
  private readonly withoutIds = new Set<number>();
  private readonly sorted = new Map<number, Int32Array>();

  private constructor(universe: Universe) {
    this.universe = universe;
  }

  /** Reads a stream to its end. @throws TickloomError `too-long` past the bound, `empty-tape` when nothing can be played. */
  static async load(events: EventSource, universe: Universe): Promise<SimulatedTape> {
    const tape = new SimulatedTape(universe);
    for await (const batch of events) for (let row = 0; row < batch.length; row++) tape.take(batch, row);
    if (tape.length === 0) {
      throw new TickloomError('empty-tape', 'The tape holds no trade, quote or bar that could be played.', {
        subject: 'from',
      });
    }
    return tape;
  }

  /** Receive time of the first row. */
  get firstUs(): Micros {
    return this.tsRecvUs[0] as number;
  }

  get lastUs(): Micros {
    return this.tsRecvUs[this.length - 1] as number;
  }

  /** Shifts all times so that the first row is received at `startUs`. */
  moveTo(startUs: Micros): void {
    const byUs = (startUs as number) - (this.firstUs as number);
    for (let row = 0; row < this.length; row++) {
      this.tsEventUs[row] = (this.tsEventUs[row] as number) + byUs;
      this.tsRecvUs[row] = (this.tsRecvUs[row] as number) + byUs;
    }
  }

  symbolText(row: number): string {
    return this.universe.symbol(this.symbol[row] as number);
  }

  exchangeText(row: number): string {
    return this.universe.exchanges.text(this.exchange[row] as number);
  }

  conditionText(row: number): string {
    return this.universe.conditions.text(this.conditions[row] as number);
  }

  /** Volume, VWAP, trade count and timeframe (microseconds) of a bar row; NaN where the tape has none. */
  barPart(row: number): readonly [number, number, number, number] {
    return this.barParts.get(row) ?? [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
  }

  /**
   * The id of a trade as decimal digits: the tape's own where every trade of the symbol has one that is an integer,
   * otherwise the position of the trade within its symbol, which is the same in every run.
   */
  tradeId(row: number): string {
    if (this.withoutIds.has(this.symbol[row] as number)) return String(this.ordinal[row]);
    return this.ids.get(row) ?? String(this.ordinal[row]);
  }

  /** The id of the trade that a correction or cancel names. */
  amendedId(row: number): string {
    return this.ids.get(row) ?? '';
  }

  /** Rows of one symbol and kind in order of their event times (equal times: in order of the tape). */
  rowsOf(symbol: number, kind: EventKind): Int32Array {
    const key = symbol * 16 + kind;
    let rows = this.sorted.get(key);
    if (rows === undefined) {
      rows = this.sortRows(symbol, kind);
      this.sorted.set(key, rows);
    }
    return rows;
  }

  /** True when the tape holds a row of that kind for the symbol. */
  has(symbol: number, kind: EventKind): boolean {
    return (this.ordinals.get(symbol * 16 + kind) ?? 0) > 0;
  }

  hasSymbol(symbol: number): boolean {
    return PLAYABLE.some((kind) => this.has(symbol, kind));
  }

  private take(batch: EventBatch, from: number): void {
    const kind = batch.kind[from] as EventKind;
    if (!PLAYABLE.includes(kind)) {
      this.skipped++;
      return;
    }
    if (this.length === MAX_ROWS) {
      throw new TickloomError('too-long', `The tape has more than ${MAX_ROWS} events; play a part of it.`, {
        subject: 'from',
      });
    }
    if (this.length === this.kind.length) this.grow();
    const row = this.length++;
    const symbol = batch.symbol[from] as number;
    const key = symbol * 16 + kind;
    const ordinal = (this.ordinals.get(key) ?? 0) + 1;
    this.ordinals.set(key, ordinal);
    this.kind[row] = kind;
    this.symbol[row] = symbol;
    this.exchange[row] = batch.exchange[from] as number;
    this.conditions[row] = batch.conditions[from] as number;
    this.ordinal[row] = ordinal;
    this.tsEventUs[row] = batch.tsEventUs[from] as number;
    this.tsRecvUs[row] = batch.tsRecvUs[from] as number;
    this.p0[row] = batch.p0[from] as number;
    this.p1[row] = batch.p1[from] as number;
    this.p2[row] = batch.p2[from] as number;
    this.p3[row] = batch.p3[from] as number;
    this.takeRest(batch, from, row);
  }

  private takeRest(batch: EventBatch, from: number, row: number): void {
    const kind = batch.kind[from] as EventKind;
    const id = batch.idOf(from);
    if (id !== undefined) this.ids.set(row, id);
    if (kind === EventKind.Trade && (id === undefined || !isWireInteger(id))) {
      this.withoutIds.add(batch.symbol[from] as number);
    }
    if (kind === EventKind.SourceBar) {
      this.barParts.set(row, [
        batch.p4[from] as number,
        batch.p5[from] as number,
        batch.p6[from] as number,
        batch.p7[from] as number,
      ]);
    }
  }

  private grow(): void {
    const capacity = this.kind.length * 2;
    for (const name of ['kind', 'symbol', 'exchange', 'conditions', 'ordinal'] as const) {
      this.replace(name, capacity);
    }
    for (const name of ['tsEventUs', 'tsRecvUs', 'p0', 'p1', 'p2', 'p3'] as const) {
      const wider = new Float64Array(capacity);
      wider.set(this[name]);
      this[name] = wider;
    }
  }

  private replace(name: 'kind' | 'symbol' | 'exchange' | 'conditions' | 'ordinal', capacity: number): void {
    if (name === 'kind') this.kind = widened(this.kind, new Uint8Array(capacity));
    else if (name === 'exchange') this.exchange = widened(this.exchange, new Uint16Array(capacity));
    else this[name] = widened(this[name], new Int32Array(capacity));
  }

  private sortRows(symbol: number, kind: EventKind): Int32Array {
    const rows = new Int32Array(this.ordinals.get(symbol * 16 + kind) ?? 0);
    let count = 0;
    let isSorted = true;
    for (let row = 0; row < this.length; row++) {
      if (this.symbol[row] !== symbol || this.kind[row] !== kind) continue;
      const last = count === 0 ? Number.NEGATIVE_INFINITY : (this.tsEventUs[rows[count - 1] as number] as number);
      if ((this.tsEventUs[row] as number) < last) isSorted = false;
      rows[count++] = row;
    }
    if (isSorted) return rows;
    return rows.sort((a, b) => (this.tsEventUs[a] as number) - (this.tsEventUs[b] as number) || a - b);
  }
}

function isWireInteger(id: string): boolean {
  return id.length <= MAX_ID_DIGITS && /^(0|[1-9]\d*)$/.test(id);
}

function widened<Column extends Uint8Array | Uint16Array | Int32Array>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
