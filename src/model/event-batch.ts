import type { Micros } from '../base/index.ts';

/** The closed set of events that enter the engine. The numbers are part of the tape format. */
export const EventKind = {
  Trade: 1,
  Quote: 2,
  SourceBar: 3,
  Correction: 4,
  Cancel: 5,
  Status: 6,
  Gap: 7,
  Tick: 8,
  Command: 9,
  ConfigChange: 10,
  ModelPromotion: 11,
  /** A payload that no parser understood; it goes straight to quarantine. */
  Malformed: 12,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

export const EVENT_KIND_NAMES: Readonly<Record<EventKind, string>> = {
  1: 'trade',
  2: 'quote',
  3: 'bar',
  4: 'correction',
  5: 'cancel',
  6: 'status',
  7: 'gap',
  8: 'tick',
  9: 'command',
  10: 'config',
  11: 'promotion',
  12: 'malformed',
};

/** Body of a Status event: a feed of a source came up, went down, or a symbol was halted or resumed. */
export interface StatusPayload {
  readonly type: 'status';
  readonly state: 'connected' | 'disconnected' | 'halted' | 'resumed';
  readonly reason: string;
}

/** Body of a Gap event: what is known about an interval of a symbol [fromUs, toUs). */
export interface GapPayload {
  readonly type: 'gap';
  readonly fromUs: Micros;
  readonly toUs: Micros;
  readonly state: 'missing' | 'backfilled' | 'other_source' | 'market_closed';
  readonly cause: string;
}

/** Body of a Malformed event. */
export interface MalformedPayload {
  readonly type: 'malformed';
  /** Quarantine reason code, for example `bad-row`. */
  readonly reason: string;
  readonly detail: string;
  /** What came over the wire, as text. */
  readonly raw: string;
}

/** Body of Command, ConfigChange and ModelPromotion events: plain JSON that the recorder can keep. */
export interface CommandPayload {
  readonly type: 'command';
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number | boolean>>;
}

export type EventPayload = StatusPayload | GapPayload | MalformedPayload | CommandPayload;

/**
 * A batch of events as columns; row i of every column is one event. Producers fill and reuse a batch; consumers read
 * it during the call and copy what they keep. Meaning of the numeric columns by kind (NaN = absent):
 *
 * | kind | p0 | p1 | p2 | p3 | p4 | p5 | p6 | p7 |
 * |---|---|---|---|---|---|---|---|---|
 * | Trade, Correction | price | size | | | | | | |
 * | Quote | bid | bid size | ask | ask size | | | | |
 * | SourceBar | open | high | low | close | volume | vwap | trade count | timeframe in microseconds |
 *
 * `idNum` is the provider's id when it is an integer below 2^53 (NaN otherwise); any other id is text in `idText`.
 * A Correction or Cancel names the original trade in the same columns by its id.
 */
export class EventBatch {
  readonly capacity: number;
  length = 0;
  readonly kind: Uint8Array;
  /** Instrument id in the universe, -1 when the event concerns none. */
  readonly symbol: Int32Array;
  readonly source: Uint16Array;
  /** Position in the tape, given by the recorder (or by the replay reader); 0 before that. */
  readonly seq: Float64Array;
  readonly tsEventUs: Float64Array;
  readonly tsRecvUs: Float64Array;
  readonly p0: Float64Array;
  readonly p1: Float64Array;
  readonly p2: Float64Array;
  readonly p3: Float64Array;
  readonly p4: Float64Array;
  readonly p5: Float64Array;
  readonly p6: Float64Array;
  readonly p7: Float64Array;
  readonly exchange: Uint16Array;
  readonly conditions: Int32Array;
  readonly idNum: Float64Array;
  /** Sparse: present only for rows with a text id. */
  readonly idText: (string | undefined)[] = [];
  /** Sparse: present only for the kinds that carry a body. */
  readonly payload: (EventPayload | undefined)[] = [];
  /** The raw text of a row where the producer still has it; quarantine keeps it. */
  rawOf: ((row: number) => string) | undefined;

  constructor(capacity = 4096) {
    this.capacity = capacity;
    this.kind = new Uint8Array(capacity);
    this.symbol = new Int32Array(capacity);
    this.source = new Uint16Array(capacity);
    this.seq = new Float64Array(capacity);
    this.tsEventUs = new Float64Array(capacity);
    this.tsRecvUs = new Float64Array(capacity);
    this.p0 = new Float64Array(capacity);
    this.p1 = new Float64Array(capacity);
    this.p2 = new Float64Array(capacity);
    this.p3 = new Float64Array(capacity);
    this.p4 = new Float64Array(capacity);
    this.p5 = new Float64Array(capacity);
    this.p6 = new Float64Array(capacity);
    this.p7 = new Float64Array(capacity);
    this.exchange = new Uint16Array(capacity);
    this.conditions = new Int32Array(capacity);
    this.idNum = new Float64Array(capacity);
  }

  get isFull(): boolean {
    return this.length === this.capacity;
  }

  clear(): void {
    this.length = 0;
    if (this.idText.length > 0) this.idText.length = 0;
    if (this.payload.length > 0) this.payload.length = 0;
    this.rawOf = undefined;
  }

  /** Takes back the rows from `length` on. */
  truncate(length: number): void {
    this.length = length;
    if (this.idText.length > length) this.idText.length = length;
    if (this.payload.length > length) this.payload.length = length;
  }

  /** Opens the next row with the columns every event has; the caller fills the rest. The batch must not be full. */
  begin(kind: EventKind, symbol: number, source: number, tsEventUs: Micros, tsRecvUs: Micros): number {
    const row = this.length++;
    this.kind[row] = kind;
    this.symbol[row] = symbol;
    this.source[row] = source;
    this.seq[row] = 0;
    this.tsEventUs[row] = tsEventUs;
    this.tsRecvUs[row] = tsRecvUs;
    this.exchange[row] = 0;
    this.conditions[row] = 0;
    this.idNum[row] = Number.NaN;
    return row;
  }

  addTrade(symbol: number, source: number, tsEventUs: Micros, tsRecvUs: Micros, price: number, size: number): number {
    const row = this.begin(EventKind.Trade, symbol, source, tsEventUs, tsRecvUs);
    this.p0[row] = price;
    this.p1[row] = size;
    return row;
  }

  addQuote(
    symbol: number,
    source: number,
    tsEventUs: Micros,
    tsRecvUs: Micros,
    bid: number,
    bidSize: number,
    ask: number,
    askSize: number,
  ): number {
    const row = this.begin(EventKind.Quote, symbol, source, tsEventUs, tsRecvUs);
    this.p0[row] = bid;
    this.p1[row] = bidSize;
    this.p2[row] = ask;
    this.p3[row] = askSize;
    return row;
  }

  addPayload(
    kind: EventKind,
    symbol: number,
    source: number,
    tsEventUs: Micros,
    tsRecvUs: Micros,
    payload: EventPayload,
  ): number {
    const row = this.begin(kind, symbol, source, tsEventUs, tsRecvUs);
    this.payload[row] = payload;
    return row;
  }

  /** Sets a provider's id: as a number where that loses nothing, as text otherwise. */
  setId(row: number, id: string | number): void {
    if (typeof id === 'number') {
      if (Number.isSafeInteger(id)) this.idNum[row] = id;
      else this.idText[row] = String(id);
      return;
    }
    if (id === '') return;
    const value = Number(id);
    if (Number.isSafeInteger(value) && String(value) === id) this.idNum[row] = value;
    else this.idText[row] = id;
  }

  /** The provider's id as text, `undefined` where it gave none. */
  idOf(row: number): string | undefined {
    const text = this.idText[row];
    if (text !== undefined) return text;
    const value = this.idNum[row] as number;
    return value === value ? String(value) : undefined;
  }

  /** Appends a copy of one row of another batch of the same universe. */
  copyRow(from: EventBatch, row: number): number {
    const to = this.length++;
    this.kind[to] = from.kind[row] as number;
    this.symbol[to] = from.symbol[row] as number;
    this.source[to] = from.source[row] as number;
    this.seq[to] = from.seq[row] as number;
    this.tsEventUs[to] = from.tsEventUs[row] as number;
    this.tsRecvUs[to] = from.tsRecvUs[row] as number;
    this.p0[to] = from.p0[row] as number;
    this.p1[to] = from.p1[row] as number;
    // A trade has no more numbers than these; a quote has four.
    if (from.kind[row] !== EventKind.Trade) this.copyMoreNumbers(from, row, to);
    this.exchange[to] = from.exchange[row] as number;
    this.conditions[to] = from.conditions[row] as number;
    this.idNum[to] = from.idNum[row] as number;
    const text = from.idText[row];
    if (text !== undefined) this.idText[to] = text;
    const payload = from.payload[row];
    if (payload !== undefined) this.payload[to] = payload;
    return to;
  }

  private copyMoreNumbers(from: EventBatch, row: number, to: number): void {
    this.p2[to] = from.p2[row] as number;
    this.p3[to] = from.p3[row] as number;
    if (from.kind[row] === EventKind.Quote) return;
    this.p4[to] = from.p4[row] as number;
    this.p5[to] = from.p5[row] as number;
    this.p6[to] = from.p6[row] as number;
    this.p7[to] = from.p7[row] as number;
  }

  /** Appends copies of the rows [start, end) of another batch of the same universe, a column at a time. */
  copyRows(from: EventBatch, start: number, end: number): void {
    const to = this.length;
    this.length += end - start;
    this.kind.set(from.kind.subarray(start, end), to);
    this.symbol.set(from.symbol.subarray(start, end), to);
    this.source.set(from.source.subarray(start, end), to);
    this.seq.set(from.seq.subarray(start, end), to);
    this.tsEventUs.set(from.tsEventUs.subarray(start, end), to);
    this.tsRecvUs.set(from.tsRecvUs.subarray(start, end), to);
    this.p0.set(from.p0.subarray(start, end), to);
    this.p1.set(from.p1.subarray(start, end), to);
    this.p2.set(from.p2.subarray(start, end), to);
    this.p3.set(from.p3.subarray(start, end), to);
    this.p4.set(from.p4.subarray(start, end), to);
    this.p5.set(from.p5.subarray(start, end), to);
    this.p6.set(from.p6.subarray(start, end), to);
    this.p7.set(from.p7.subarray(start, end), to);
    this.exchange.set(from.exchange.subarray(start, end), to);
    this.conditions.set(from.conditions.subarray(start, end), to);
    this.idNum.set(from.idNum.subarray(start, end), to);
    for (let row = start; row < Math.min(end, from.idText.length); row++) {
      const text = from.idText[row];
      if (text !== undefined) this.idText[to + row - start] = text;
    }
    for (let row = start; row < Math.min(end, from.payload.length); row++) {
      const payload = from.payload[row];
      if (payload !== undefined) this.payload[to + row - start] = payload;
    }
  }
}

/**
 * Where events come from: batches in (receive time, sequence) order. A batch is valid until the next one is asked
 * for. Live sources, recorded runs and files are all this one shape.
 */
export type EventSource = AsyncIterable<EventBatch>;
