import { US_PER_SECOND } from '../../base/index.ts';
import type { ClientMessage, RowOutlet, StreamSession } from '../adapter.ts';
import { isObject, type JsonObject } from '../json-answer.ts';
import { numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { SymbolMap } from '../symbol-map.ts';

const SYMBOLS_PER_MESSAGE = 100;
const HEARTBEAT_MS = 10_000;

/** Volume of the day by instrument as it was told last, over all connections: the next one goes on from it. */
export type DayVolumes = Map<number, number>;

/** One connection of the prices stream. Prices come in whole seconds, without ids and without sizes. */
export class TwelvedataSession implements StreamSession {
  readonly heartbeat = { message: { data: JSON.stringify({ action: 'heartbeat' }) }, everyMs: HEARTBEAT_MS };
  private readonly rows: ProviderRows;
  private readonly symbols: SymbolMap;
  private readonly volumes: DayVolumes;

  constructor(rows: ProviderRows, symbols: SymbolMap, volumes: DayVolumes) {
    this.rows = rows;
    this.symbols = symbols;
    this.volumes = volumes;
  }

  authenticate(): readonly ClientMessage[] {
    return [];
  }

  subscribe(symbols: readonly string[]): readonly ClientMessage[] {
    return this.commands('subscribe', symbols);
  }

  unsubscribe(symbols: readonly string[]): readonly ClientMessage[] {
    return this.commands('unsubscribe', symbols);
  }

  private commands(action: string, symbols: readonly string[]): readonly ClientMessage[] {
    const messages: ClientMessage[] = [];
    for (let at = 0; at < symbols.length; at += SYMBOLS_PER_MESSAGE) {
      const names = symbols.slice(at, at + SYMBOLS_PER_MESSAGE).map((symbol) => this.symbols.provider(symbol));
      messages.push({ data: JSON.stringify({ action, params: { symbols: names.join(',') } }) });
    }
    return messages;
  }

  receive(frame: string | Uint8Array, recvUs: number, out: RowOutlet): void {
    if (typeof frame !== 'string') {
      out.reject('bad-frame', 'a binary frame', frame);
      return;
    }
    let message: unknown;
    try {
      message = JSON.parse(frame);
    } catch {
      // The text itself goes to quarantine.
      out.reject('bad-frame', 'no JSON', frame);
      return;
    }
    if (!isObject(message)) {
      out.reject('unknown-shape', 'no object', frame);
      return;
    }
    switch (message.event) {
      case 'price':
        if (!this.price(message, recvUs, out)) out.reject('bad-row', 'price', frame);
        return;
      case 'subscribe-status':
        subscribed(message, out);
        return;
      case 'heartbeat':
      case 'unsubscribe-status':
      case 'reset-status':
      case 'message-processing':
        out.control({ type: 'alive' });
        return;
      default:
        out.reject('unknown-shape', `event ${JSON.stringify(message.event)?.slice(0, 40)}`, frame);
    }
  }

  /** A trade of what the day's volume grew by, or a quote where bars are made of mids. @returns false for no row. */
  private price(message: JsonObject, recvUs: number, out: RowOutlet): boolean {
    const { symbol: theirs, timestamp, day_volume } = message;
    const price = numberOf(message.price);
    if (typeof theirs !== 'string' || typeof timestamp !== 'number' || Number.isNaN(price)) return false;
    const symbol = this.rows.instrument(theirs);
    if (symbol < 0) return true;
    const tsUs = timestamp * US_PER_SECOND;
    const bid = numberOf(message.bid);
    const ask = numberOf(message.ask);
    const hasQuote = !Number.isNaN(bid + ask);
    const isMid = this.rows.universe.instrument(symbol).barBasis === 'mid';
    if (hasQuote || isMid) {
      const { sourceId } = this.rows;
      const [low, high] = hasQuote ? [bid, ask] : [price, price];
      out.batch().addQuote(symbol, sourceId, tsUs, recvUs, low, Number.NaN, high, Number.NaN);
    }
    if (isMid || (hasQuote && day_volume === undefined)) return true;
    const size = this.grownBy(symbol, numberOf(day_volume));
    out.batch().addTrade(symbol, this.rows.sourceId, tsUs, recvUs, price, size);
    return true;
  }

  /** Growth of the day's volume. The first value tells nothing yet; one below the last begins a new day. */
  private grownBy(symbol: number, dayVolume: number): number {
    if (Number.isNaN(dayVolume)) return 0;
    const last = this.volumes.get(symbol);
    this.volumes.set(symbol, dayVolume);
    if (last === undefined) return 0;
    return dayVolume < last ? dayVolume : dayVolume - last;
  }
}

/** Symbols that were not accepted are unknown, or more than the plan's credits. */
function subscribed({ success, fails }: JsonObject, out: RowOutlet): void {
  if (!Array.isArray(fails) || fails.length === 0) {
    out.control({ type: 'subscribed' });
    return;
  }
  const names = fails.map((fail) => (isObject(fail) ? String(fail.symbol) : String(fail))).join(', ');
  const isWhole = !Array.isArray(success) || success.length === 0;
  out.control({ type: 'error', code: 'fails', message: `not accepted: ${names}`, remedy: 'symbol', isWhole });
}
