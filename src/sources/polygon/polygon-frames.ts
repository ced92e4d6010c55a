import { microsFromMillis, US_PER_MINUTE, US_PER_SECOND } from '../../base/index.ts';
import type { RowOutlet } from '../adapter.ts';
import { isObject, type JsonObject } from '../json-answer.ts';
import { idOf, numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { PolygonConditions } from './polygon-conditions.ts';

/** Events that carry no trade, quote or bar of a stock and are known. */
const PASSED_OVER = new Set(['LULD', 'NOI', 'FMV', 'LV', 'V', 'C', 'CA', 'CAS', 'XT', 'XQ', 'XA', 'XAS', 'XL2']);

/** Reads frames of the stocks stream: lists of trades, quotes, second and minute bars, and statuses. */
export class PolygonFrames {
  private readonly rows: ProviderRows;
  private readonly conditions: PolygonConditions;

  constructor(rows: ProviderRows, conditions: PolygonConditions) {
    this.rows = rows;
    this.conditions = conditions;
  }

  /** @param onStatus takes the statuses, which belong to a connection. */
  read(frame: string | Uint8Array, recvUs: number, out: RowOutlet, onStatus: (status: JsonObject) => void): void {
    if (typeof frame !== 'string') {
      out.reject('bad-frame', 'a binary frame', frame);
      return;
    }
    let events: unknown;
    try {
      events = JSON.parse(frame);
    } catch {
      // The text itself goes to quarantine.
      out.reject('bad-frame', 'no JSON', frame);
      return;
    }
    if (!Array.isArray(events)) {
      out.reject('unknown-shape', 'no list', frame);
      return;
    }
    for (const event of events as readonly unknown[]) {
      if (!isObject(event)) out.reject('unknown-shape', 'an event that is no object', JSON.stringify(event));
      else if (event.ev === 'status') onStatus(event);
      else this.event(event, recvUs, out);
    }
  }

  private event(event: JsonObject, recvUs: number, out: RowOutlet): void {
    switch (event.ev) {
      case 'T':
        this.trade(event, recvUs, out);
        return;
      case 'Q':
        this.quote(event, recvUs, out);
        return;
      case 'A':
        this.bar(event, US_PER_SECOND, recvUs, out);
        return;
      case 'AM':
        this.bar(event, US_PER_MINUTE, recvUs, out);
        return;
      default:
        if (typeof event.ev === 'string' && PASSED_OVER.has(event.ev)) out.control({ type: 'alive' });
        else out.reject('unknown-shape', `event type ${JSON.stringify(event.ev)?.slice(0, 40)}`, JSON.stringify(event));
    }
  }

  private trade(event: JsonObject, recvUs: number, out: RowOutlet): void {
    const symbol = this.symbolOf(event, 'trade', out);
    if (symbol < 0) return;
    const tsUs = micros(event.t);
    if (!this.addTrade(symbol, event.i, tsUs, event.p, event.ds ?? event.s, event.x, event.c, recvUs, out)) {
      out.reject('bad-row', 'trade', JSON.stringify(event));
    }
  }

  /** A trade of the stream or of history. @returns false when it lacks something. */
  addTrade(
    symbol: number,
    rawId: unknown,
    tsUs: number,
    rawPrice: unknown,
    rawSize: unknown,
    exchange: unknown,
    conditions: unknown,
    recvUs: number,
    out: RowOutlet,
  ): boolean {
    const price = numberOf(rawPrice);
    const size = numberOf(rawSize);
    const id = idOf(rawId);
    if (id === undefined || Number.isNaN(price + size + tsUs)) return false;
    const batch = out.batch();
    const row = batch.addTrade(symbol, this.rows.sourceId, tsUs, recvUs, price, size);
    batch.setId(row, id);
    if (exchange !== undefined) batch.exchange[row] = this.rows.universe.exchanges.intern(String(exchange));
    batch.conditions[row] = this.conditions.idOf(conditions);
    return true;
  }

  /** Sizes stand as they are sent. A side that is absent has no price: NaN. */
  private quote(event: JsonObject, recvUs: number, out: RowOutlet): void {
    const symbol = this.symbolOf(event, 'quote', out);
    if (symbol < 0) return;
    const bid = numberOf(event.bp);
    const ask = numberOf(event.ap);
    const tsUs = micros(event.t);
    if (Number.isNaN(tsUs) || (Number.isNaN(bid) && Number.isNaN(ask))) {
      out.reject('bad-row', 'quote', JSON.stringify(event));
      return;
    }
    const batch = out.batch();
    const { sourceId } = this.rows;
    const row = batch.addQuote(symbol, sourceId, tsUs, recvUs, bid, numberOf(event.bs), ask, numberOf(event.as));
    if (event.bx !== undefined) batch.exchange[row] = this.rows.universe.exchanges.intern(String(event.bx));
  }

  /** A bar may come again with other values, up to a quarter of an hour later: it then replaces the one before. */
  private bar(event: JsonObject, lengthUs: number, recvUs: number, out: RowOutlet): void {
    const symbol = this.symbolOf(event, 'bar', out);
    if (symbol < 0) return;
    const bar = {
      startUs: micros(event.s),
      lengthUs,
      open: numberOf(event.o),
      high: numberOf(event.h),
      low: numberOf(event.l),
      close: numberOf(event.c),
      volume: numberOf(event.dv ?? event.v),
      vwap: numberOf(event.vw),
      trades: Number.NaN,
    };
    if (!this.rows.bar(out, symbol, bar, recvUs)) out.reject('bad-row', 'bar', JSON.stringify(event));
  }

  private symbolOf(event: JsonObject, what: string, out: RowOutlet): number {
    if (typeof event.sym === 'string') return this.rows.instrument(event.sym);
    out.reject('bad-row', what, JSON.stringify(event));
    return -1;
  }
}

function micros(ms: unknown): number {
  return typeof ms === 'number' ? (microsFromMillis(ms) as number) : Number.NaN;
}
