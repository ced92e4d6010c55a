import { US_PER_MINUTE } from '../../base/index.ts';
import { EventKind } from '../../model/index.ts';
import type { RowOutlet } from '../adapter.ts';
import { parseExact } from '../exact-json.ts';
import { isObject } from '../json-answer.ts';
import { idOf, numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import { Rfc3339Reader } from '../rfc3339-reader.ts';
import { decodeMsgpack, messageText } from './alpaca-codec.ts';
import { alpacaControl } from './alpaca-control.ts';
import { AmendedIds } from './amended-ids.ts';

/** A message of the stream or a row of history; each kind has its own fields. */
export type AlpacaMessage = Readonly<Record<string, unknown>>;

/** Kinds that carry no trade, quote, finished bar or halt: the day so far, bands, imbalances, books, news. */
const PASSED_OVER = new Set(['d', 'l', 'i', 'o', 'n']);
const HALTS = new Set(['2', 'H', 'P']);
const RESUMPTIONS = new Set(['3', 'T']);
/** Condition of a crypto trade whose taker sold. */
export const BUYER_MAKER = 'buyerMaker';

/** Reads frames of the stream, text or binary, and rows of history. */
export class AlpacaFrames {
  private readonly rows: ProviderRows;
  private readonly times = new Rfc3339Reader();
  private readonly amended = new AmendedIds();

  constructor(rows: ProviderRows) {
    this.rows = rows;
  }

  read(frame: string | Uint8Array, recvUs: number, out: RowOutlet): void {
    const messages = decode(frame, out);
    if (messages === undefined) return;
    if (!Array.isArray(messages)) {
      out.reject('unknown-shape', 'no list', frame);
      return;
    }
    for (const message of messages as readonly unknown[]) {
      if (isObject(message)) this.message(message, recvUs, out);
      else out.reject('unknown-shape', 'a message that is no object', messageText(message));
    }
  }

  private message(message: AlpacaMessage, recvUs: number, out: RowOutlet): void {
    switch (message.T) {
      case 't':
        this.tradeMessage(message, recvUs, out);
        return;
      case 'q':
        this.quote(message, recvUs, out);
        return;
      case 'b':
      case 'u':
        this.barMessage(message, recvUs, out);
        return;
      case 'c':
        this.correction(message, recvUs, out);
        return;
      case 'x':
        this.cancel(message, recvUs, out);
        return;
      case 's':
        this.status(message, recvUs, out);
        return;
      default:
        this.otherMessage(message, out);
    }
  }

  private otherMessage(message: AlpacaMessage, out: RowOutlet): void {
    const outcome = alpacaControl(message);
    if (outcome !== undefined) out.control(outcome);
    else if (typeof message.T === 'string' && PASSED_OVER.has(message.T)) out.control({ type: 'alive' });
    else out.reject('unknown-shape', `message type ${messageText(message.T).slice(0, 40)}`, messageText(message));
  }

  private tradeMessage(message: AlpacaMessage, recvUs: number, out: RowOutlet): void {
    const symbol = this.symbolOf(message, 'trade', out);
    if (symbol < 0) return;
    if (!this.trade(symbol, message, recvUs, out)) out.reject('bad-row', 'trade', messageText(message));
  }

  /** A trade of the stream or of history. @returns false when it lacks something. */
  trade(symbol: number, { i, x, p, s, t, c, tks }: AlpacaMessage, recvUs: number, out: RowOutlet): boolean {
    const price = numberOf(p);
    const size = numberOf(s);
    const tsUs = this.micros(t);
    const id = idOf(i);
    if (id === undefined || Number.isNaN(price + size + tsUs)) return false;
    const batch = out.batch();
    const row = batch.addTrade(symbol, this.rows.sourceId, tsUs, recvUs, price, size);
    batch.setId(row, id);
    batch.exchange[row] = this.exchange(x);
    batch.conditions[row] = this.conditions(c, tks);
    return true;
  }

  /** A stock quote, or a crypto quote, which has no exchanges. Sizes stand as they are sent. */
  private quote(message: AlpacaMessage, recvUs: number, out: RowOutlet): void {
    const symbol = this.symbolOf(message, 'quote', out);
    if (symbol < 0) return;
    const bid = numberOf(message.bp);
    const ask = numberOf(message.ap);
    const bidSize = numberOf(message.bs);
    const askSize = numberOf(message.as);
    const tsUs = this.micros(message.t);
    if (Number.isNaN(bid + ask + bidSize + askSize + tsUs)) {
      out.reject('bad-row', 'quote', messageText(message));
      return;
    }
    const batch = out.batch();
    const row = batch.addQuote(symbol, this.rows.sourceId, tsUs, recvUs, bid, bidSize, ask, askSize);
    batch.exchange[row] = this.exchange(message.bx);
    batch.conditions[row] = this.conditions(message.c, undefined);
  }

  private barMessage(message: AlpacaMessage, recvUs: number, out: RowOutlet): void {
    const symbol = this.symbolOf(message, 'bar', out);
    if (symbol < 0) return;
    if (!this.bar(symbol, message, US_PER_MINUTE, recvUs, out)) out.reject('bad-row', 'bar', messageText(message));
  }

  /** A bar of the stream or of history, stamped with its start. @returns false when it lacks something. */
  bar(symbol: number, row: AlpacaMessage, lengthUs: number, recvUs: number, out: RowOutlet): boolean {
    return this.rows.bar(
      out,
      symbol,
      {
        startUs: this.micros(row.t),
        lengthUs,
        open: numberOf(row.o),
        high: numberOf(row.h),
        low: numberOf(row.l),
        close: numberOf(row.c),
        volume: numberOf(row.v),
        vwap: numberOf(row.vw),
        trades: numberOf(row.n),
      },
      recvUs,
    );
  }

  private correction(message: AlpacaMessage, recvUs: number, out: RowOutlet): void {
    const symbol = this.symbolOf(message, 'correction', out);
    if (symbol < 0) return;
    const oldId = idOf(message.oi);
    const newId = idOf(message.ci);
    const price = numberOf(message.cp);
    const size = numberOf(message.cs);
    const tsUs = this.micros(message.t);
    if (oldId === undefined || Number.isNaN(price + size + tsUs)) {
      out.reject('bad-row', 'correction', messageText(message));
      return;
    }
    const venue = String(message.x);
    const firstId = this.amended.firstOf(symbol, venue, String(oldId));
    if (newId !== undefined) this.amended.note(symbol, venue, String(newId), firstId);
    const batch = out.batch();
    const row = batch.begin(EventKind.Correction, symbol, this.rows.sourceId, tsUs, recvUs);
    batch.p0[row] = price;
    batch.p1[row] = size;
    batch.setId(row, firstId);
    batch.exchange[row] = this.exchange(message.x);
    batch.conditions[row] = this.conditions(message.cc, undefined);
  }

  private cancel(message: AlpacaMessage, recvUs: number, out: RowOutlet): void {
    const symbol = this.symbolOf(message, 'cancel', out);
    if (symbol < 0) return;
    const id = idOf(message.i);
    const tsUs = this.micros(message.t);
    if (id === undefined || Number.isNaN(tsUs)) {
      out.reject('bad-row', 'cancel', messageText(message));
      return;
    }
    const batch = out.batch();
    const row = batch.begin(EventKind.Cancel, symbol, this.rows.sourceId, tsUs, recvUs);
    batch.p0[row] = numberOf(message.p);
    batch.p1[row] = numberOf(message.s);
    batch.setId(row, this.amended.firstOf(symbol, String(message.x), String(id)));
    batch.exchange[row] = this.exchange(message.x);
  }

  /** Halts and resumptions; indications and the like say only that the feed lives. */
  private status(message: AlpacaMessage, recvUs: number, out: RowOutlet): void {
    const symbol = this.symbolOf(message, 'status', out);
    const tsUs = this.micros(message.t);
    const code = String(message.sc);
    const state = HALTS.has(code) ? 'halted' : RESUMPTIONS.has(code) ? 'resumed' : undefined;
    if (symbol < 0 || state === undefined) {
      out.control({ type: 'alive' });
      return;
    }
    if (Number.isNaN(tsUs)) {
      out.reject('bad-row', 'status', messageText(message));
      return;
    }
    const reason = [message.sm, message.rc, message.rm].filter((part) => typeof part === 'string' && part !== '');
    const payload = { type: 'status', state, reason: reason.join(', ') } as const;
    out.batch().addPayload(EventKind.Status, symbol, this.rows.sourceId, tsUs, recvUs, payload);
  }

  /** The instrument, -1 for one that is not in use (stray data of an ended subscription) and for none at all. */
  private symbolOf(message: AlpacaMessage, what: string, out: RowOutlet): number {
    if (typeof message.S === 'string') return this.rows.instrument(message.S);
    out.reject('bad-row', what, messageText(message));
    return -1;
  }

  /** Text in JSON, microseconds already in msgpack. */
  private micros(time: unknown): number {
    if (typeof time === 'string') return this.times.micros(time) as number;
    return typeof time === 'number' ? time : Number.NaN;
  }

  private exchange(code: unknown): number {
    return typeof code === 'string' ? this.rows.universe.exchanges.intern(code) : 0;
  }

  /** Tape letters joined by commas, a blank (a regular sale) left out; of crypto trades the side that took. */
  private conditions(codes: unknown, taker: unknown): number {
    if (taker === 'S') return this.rows.universe.conditions.intern(BUYER_MAKER);
    return Array.isArray(codes) ? this.rows.universe.conditions.intern(conditionsText(codes)) : 0;
  }
}

/** What a list of tape letters is in the column of conditions. */
export function conditionsText(codes: readonly unknown[]): string {
  let text = '';
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] as unknown;
    if (code !== ' ') text = text === '' ? String(code) : `${text},${code}`;
  }
  return text;
}

function decode(frame: string | Uint8Array, out: RowOutlet): unknown {
  try {
    if (typeof frame !== 'string') return decodeMsgpack(frame);
    const messages: unknown = JSON.parse(frame);
    return Array.isArray(messages) && messages.some(hasLongId) ? parseExact(frame) : messages;
  } catch {
    // The frame itself goes to quarantine.
    out.reject('bad-frame', typeof frame === 'string' ? 'no JSON' : 'no msgpack', frame);
    return undefined;
  }
}

/** Whether an id lost digits in the first reading. */
function hasLongId(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const { i, oi, ci } = message as AlpacaMessage;
  return isLong(i) || isLong(oi) || isLong(ci);
}

function isLong(id: unknown): boolean {
  return typeof id === 'number' && (id > Number.MAX_SAFE_INTEGER || id < Number.MIN_SAFE_INTEGER);
}
