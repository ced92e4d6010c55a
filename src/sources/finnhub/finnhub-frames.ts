import { microsFromMillis } from '../../base/index.ts';
import type { ClientMessage, RowOutlet, StreamSession } from '../adapter.ts';
import { isObject, type JsonObject } from '../json-answer.ts';
import { numberOf } from '../numeral.ts';
import type { ProviderRows } from '../provider-rows.ts';
import type { SymbolMap } from '../symbol-map.ts';

/**
 * Tape letters of those of the provider's own condition numbers that its recorded trades confirm; any other number
 * stays as `code-N`, which no rule set takes for a letter.
 */
const LETTERS: Readonly<Record<string, string>> = { 1: '@', 8: 'F', 12: 'I', 24: 'T' };

/** One connection: a message per symbol, no answers; trades without ids, several symbols to a frame. */
export class FinnhubSession implements StreamSession {
  private readonly rows: ProviderRows;
  private readonly symbols: SymbolMap;

  constructor(rows: ProviderRows, symbols: SymbolMap) {
    this.rows = rows;
    this.symbols = symbols;
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

  private commands(type: string, symbols: readonly string[]): readonly ClientMessage[] {
    return symbols.map((symbol) => ({ data: JSON.stringify({ type, symbol: this.symbols.provider(symbol) }) }));
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
    if (!isObject(message)) out.reject('unknown-shape', 'no object', frame);
    else if (message.type === 'trade' && Array.isArray(message.data)) this.trades(message.data, recvUs, out);
    else if (message.type === 'ping') out.control({ type: 'alive' });
    else if (message.type === 'error') out.control(refusal(String(message.msg)));
    else out.reject('unknown-shape', `message type ${JSON.stringify(message.type)?.slice(0, 40)}`, frame);
  }

  private trades(data: readonly unknown[], recvUs: number, out: RowOutlet): void {
    for (const trade of data) {
      if (!isObject(trade) || !this.trade(trade, recvUs, out)) out.reject('bad-row', 'trade', JSON.stringify(trade));
    }
  }

  /**
   * A trade; a price update where the instrument's bars are made of mids, which is all that the provider sends of
   * currencies. @returns false when it lacks something.
   */
  private trade({ s, p, t, v, c }: JsonObject, recvUs: number, out: RowOutlet): boolean {
    if (typeof s !== 'string' || typeof t !== 'number') return false;
    const price = numberOf(p);
    const size = v === null || v === undefined ? 0 : numberOf(v);
    if (Number.isNaN(price + size)) return false;
    const symbol = this.rows.instrument(s);
    if (symbol < 0) return true;
    const batch = out.batch();
    const { universe, sourceId } = this.rows;
    const tsUs = microsFromMillis(t) as number;
    if (universe.instrument(symbol).barBasis === 'mid') {
      batch.addQuote(symbol, sourceId, tsUs, recvUs, price, Number.NaN, price, Number.NaN);
      return true;
    }
    const row = batch.addTrade(symbol, sourceId, tsUs, recvUs, price, size);
    if (Array.isArray(c) && c.length > 0) batch.conditions[row] = universe.conditions.intern(c.map(letterOf).join(','));
    return true;
  }
}

function letterOf(code: unknown): string {
  const text = String(code);
  return LETTERS[text] ?? (/^\d{1,3}$/.test(text) ? `code-${text}` : text);
}

/** Errors name no symbol, so the rest of the subscription stands. */
function refusal(message: string) {
  const isStop = /api key|token/i.test(message);
  return { type: 'error', code: 'error', message, remedy: isStop ? 'stop' : 'symbol' } as const;
}
