import { US_PER_MS } from '../../base/index.ts';
import { type EventBatch, EventKind, type Universe } from '../../model/index.ts';
import type { RowOutlet } from '../adapter.ts';
import type { SymbolMap } from '../symbol-map.ts';

/** A stream message, with the fields of every kind; each kind has its own. */
interface BinanceMessage {
  readonly e?: unknown;
  readonly s?: unknown;
  readonly t?: unknown;
  readonly p?: unknown;
  readonly q?: unknown;
  readonly T?: unknown;
  readonly m?: unknown;
  readonly u?: unknown;
  readonly b?: unknown;
  readonly B?: unknown;
  readonly a?: unknown;
  readonly A?: unknown;
  readonly k?: unknown;
}

/** A frame as a whole: wrapped data, an answer to a command, or an error. */
interface BinanceFrame extends BinanceMessage {
  readonly stream?: unknown;
  readonly data?: unknown;
  readonly result?: unknown;
  readonly id?: unknown;
  readonly error?: unknown;
  readonly code?: unknown;
  readonly msg?: unknown;
}

/** Kinds that carry no trade, quote or bar and are known. */
const PASSED_OVER = new Set(['aggTrade', 'depthUpdate', '24hrTicker', '24hrMiniTicker', 'avgPrice']);

const LENGTHS_US: Readonly<Record<string, number>> = {
  '1s': 1_000_000,
  '1m': 60_000_000,
  '5m': 300_000_000,
  '15m': 900_000_000,
  '30m': 1_800_000_000,
  '1h': 3_600_000_000,
  '1d': 86_400_000_000,
};

/** Reads frames of the combined and the raw streams: trade, bookTicker, final klines. */
export class BinanceFrames {
  private readonly universe: Universe;
  private readonly symbols: SymbolMap;
  private readonly sourceId: number;
  private readonly exchange: number;
  private readonly buyerMaker: number;
  private readonly sellerMaker: number;
  /** Instrument by the provider's symbol, -1 for one that is not in use. */
  private readonly instruments = new Map<string, number>();

  constructor(universe: Universe, symbols: SymbolMap, sourceId: number) {
    this.universe = universe;
    this.symbols = symbols;
    this.sourceId = sourceId;
    this.exchange = universe.exchanges.intern('binance');
    this.buyerMaker = universe.conditions.intern('buyerMaker');
    this.sellerMaker = universe.conditions.intern('sellerMaker');
  }

  read(frame: string | Uint8Array, recvUs: number, out: RowOutlet): void {
    if (typeof frame !== 'string') {
      out.reject('bad-frame', 'a binary frame', frame);
      return;
    }
    let parsed: unknown;
    try {
      parsed = JSON.parse(frame);
    } catch {
      // The text itself goes to quarantine.
      out.reject('bad-frame', 'no JSON', frame);
      return;
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      out.reject('unknown-shape', 'no object', frame);
      return;
    }
    const whole = parsed as BinanceFrame;
    if (whole.data !== undefined && typeof whole.stream === 'string') {
      if (typeof whole.data !== 'object' || whole.data === null)
        out.reject('unknown-shape', 'data is no object', frame);
      else this.message(whole.data as BinanceMessage, recvUs, out, frame);
      return;
    }
    if (whole.e === undefined && whole.u === undefined) this.answer(whole, out, frame);
    else this.message(whole, recvUs, out, frame);
  }

  /** The answer to a command: `{"result":null,"id":1}`, or an error in one of its two forms. */
  private answer(frame: BinanceFrame, out: RowOutlet, raw: string): void {
    const error = (frame.error ?? frame) as { readonly code?: unknown; readonly msg?: unknown };
    if (typeof error.code === 'number') {
      const message = typeof error.msg === 'string' ? error.msg : 'no message';
      out.control({ type: 'error', code: String(error.code), message, remedy: 'retry' });
    } else if (frame.result === null && frame.id !== undefined) out.control({ type: 'subscribed' });
    else if (frame.result !== undefined) out.control({ type: 'alive' });
    else out.reject('unknown-shape', `keys ${Object.keys(frame).slice(0, 8).join(',')}`, raw);
  }

  private message(message: BinanceMessage, recvUs: number, out: RowOutlet, raw: string): void {
    switch (message.e) {
      case 'trade':
        this.trade(message, recvUs, out, raw);
        return;
      case undefined:
        this.quote(message, recvUs, out, raw);
        return;
      case 'kline':
        this.kline(message, recvUs, out, raw);
        return;
      case 'serverShutdown':
        out.control({ type: 'closing', reason: 'the server shuts down' });
        return;
      default:
        if (typeof message.e === 'string' && PASSED_OVER.has(message.e)) out.control({ type: 'alive' });
        else out.reject('unknown-shape', `event type ${JSON.stringify(message.e).slice(0, 40)}`, raw);
    }
  }

  private trade(message: BinanceMessage, recvUs: number, out: RowOutlet, raw: string): void {
    const { s, t, p, q, T, m } = message;
    if (typeof s !== 'string' || typeof t !== 'number' || typeof T !== 'number' || !isNumeral(p) || !isNumeral(q)) {
      out.reject('bad-row', 'trade', raw);
      return;
    }
    const symbol = this.instrument(s);
    if (symbol < 0) return;
    const batch = out.batch();
    const row = batch.addTrade(symbol, this.sourceId, microsOf(T), recvUs, Number(p), Number(q));
    this.mark(batch, row, t, m);
  }

  /** Fills what every trade has beside price and size: market, id, and which side took. */
  mark(batch: EventBatch, row: number, id: number, isBuyerMaker: unknown): void {
    batch.setId(row, id);
    batch.exchange[row] = this.exchange;
    if (typeof isBuyerMaker !== 'boolean') return;
    batch.conditions[row] = isBuyerMaker ? this.buyerMaker : this.sellerMaker;
  }

  /** Book tickers hold no time: the time of receipt stands for it. */
  private quote(message: BinanceMessage, recvUs: number, out: RowOutlet, raw: string): void {
    const { s, u, b, B, a, A } = message;
    if (typeof s !== 'string' || u === undefined || !isNumeral(b) || !isNumeral(B) || !isNumeral(a) || !isNumeral(A)) {
      // A partial-depth frame has no event type either: its answer is not asked for.
      out.reject('unknown-shape', `no event type, keys ${Object.keys(message).slice(0, 8).join(',')}`, raw);
      return;
    }
    const symbol = this.instrument(s);
    if (symbol < 0) return;
    out.batch().addQuote(symbol, this.sourceId, recvUs, recvUs, Number(b), Number(B), Number(a), Number(A));
  }

  /** Only a closed bar is an event; one that is still open counts as a sign of life. */
  private kline(message: BinanceMessage, recvUs: number, out: RowOutlet, raw: string): void {
    const k = message.k as Readonly<Record<string, unknown>> | null | undefined;
    if (typeof k !== 'object' || k === null || typeof message.s !== 'string' || typeof k.t !== 'number') {
      out.reject('bad-row', 'kline', raw);
      return;
    }
    const symbol = this.instrument(message.s);
    const lengthUs = LENGTHS_US[String(k.i)];
    if (k.x !== true || symbol < 0 || lengthUs === undefined) {
      out.control({ type: 'alive' });
      return;
    }
    const cells = [k.o, k.h, k.l, k.c, k.v];
    if (!cells.every(isNumeral) || !isNumeral(k.q) || typeof k.n !== 'number') {
      out.reject('bad-row', 'kline', raw);
      return;
    }
    const [open, high, low, close, volume] = cells.map(Number) as [number, number, number, number, number];
    const vwap = volume > 0 ? Number(k.q) / volume : Number.NaN;
    this.bar(out, symbol, microsOf(k.t), recvUs, [open, high, low, close, volume, vwap, k.n, lengthUs]);
  }

  /** Appends a bar: open, high, low, close, volume, vwap, trades, length. */
  bar(out: RowOutlet, symbol: number, startUs: number, recvUs: number, cells: readonly number[]): void {
    const batch = out.batch();
    const row = batch.begin(EventKind.SourceBar, symbol, this.sourceId, startUs, recvUs);
    const columns = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7];
    columns.forEach((column, i) => {
      column[row] = cells[i] as number;
    });
  }

  /** The instrument of a provider's symbol, -1 when it is not in use. */
  instrument(theirs: string): number {
    const known = this.instruments.get(theirs);
    if (known !== undefined) return known;
    const symbol = this.symbols.generic(theirs);
    const id = symbol === undefined ? -1 : (this.universe.find(symbol) ?? -1);
    // Names that are not in use are not kept: the other side chooses them.
    if (id >= 0) this.instruments.set(theirs, id);
    return id;
  }
}

/** Binance writes numbers as text; what is no number is no row. */
export function isNumeral(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Number.isFinite(Number(value));
}

/** Times are milliseconds, or microseconds where the address asks for them. */
export function microsOf(time: number): number {
  return time > 1e14 ? time : time * US_PER_MS;
}

/** The provider's name of a bar length; `undefined` where it has none that Tickloom builds. */
export function intervalOf(lengthUs: number): string | undefined {
  return Object.entries(LENGTHS_US).find(([, length]) => length === lengthUs)?.[0];
}

export const BINANCE_BAR_LENGTHS_US: readonly number[] = Object.values(LENGTHS_US);
