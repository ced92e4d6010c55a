import { US_PER_MS, UsageError } from '../../base/index.ts';
import type { HttpAnswer } from '../../host/index.ts';
import type { HistoryProtocol, HistoryQuery, HistoryRange, Refusal, RowOutlet } from '../adapter.ts';
import type { SymbolMap } from '../symbol-map.ts';
import { BINANCE_BAR_LENGTHS_US, type BinanceFrames, intervalOf, isNumeral, microsOf } from './binance-frames.ts';

/** Rows of one page. */
const PAGE = 1_000;
const WEIGHT = { klines: 2, aggTrades: 4, historicalTrades: 25 } as const;

/**
 * Past trades under the ids of the stream. Only `historicalTrades` has them, and it goes by id; where a range is given
 * by time, one page of aggregated trades tells the first id in it.
 */
export class BinanceHistory implements HistoryProtocol {
  readonly barLengthsUs = BINANCE_BAR_LENGTHS_US;
  private readonly frames: BinanceFrames;
  private readonly symbols: SymbolMap;
  private readonly sourceId: number;

  constructor(frames: BinanceFrames, symbols: SymbolMap, sourceId: number) {
    this.frames = frames;
    this.symbols = symbols;
    this.sourceId = sourceId;
  }

  trades(range: HistoryRange): HistoryQuery {
    const symbol = this.symbols.provider(range.symbol);
    if (range.fromId !== undefined) return this.tradesFrom(symbol, range.fromId, range);
    const startTime = Math.floor(range.fromUs / US_PER_MS);
    const endTime = Math.max(startTime, Math.ceil(range.toUs / US_PER_MS) - 1);
    return {
      request: {
        path: '/api/v3/aggTrades',
        query: { symbol, startTime, endTime, limit: 1 },
        cost: WEIGHT.aggTrades,
      },
      read: (answer, _recvUs, out) => {
        const rows = rowsOf(answer, out);
        const first = rows?.[0] as { readonly f?: unknown } | undefined;
        if (first === undefined) return undefined;
        if (typeof first.f === 'number') return this.tradesFrom(symbol, first.f, range);
        out.reject('bad-row', 'aggTrades', answer.text);
        return undefined;
      },
    };
  }

  private tradesFrom(symbol: string, fromId: number, range: HistoryRange): HistoryQuery {
    const wanted = range.toId === undefined ? PAGE : Math.min(PAGE, range.toId - fromId + 1);
    return {
      request: {
        path: '/api/v3/historicalTrades',
        query: { symbol, fromId, limit: wanted },
        cost: WEIGHT.historicalTrades,
      },
      read: (answer, recvUs, out) => {
        const rows = rowsOf(answer, out);
        if (rows === undefined) return undefined;
        let last: { readonly id: number; readonly us: number } | undefined;
        for (const row of rows) last = this.trade(symbol, row, recvUs, out) ?? last;
        if (last === undefined || rows.length < wanted) return undefined;
        const isEnd = range.toId === undefined ? last.us >= range.toUs : last.id >= range.toId;
        return isEnd ? undefined : this.tradesFrom(symbol, last.id + 1, range);
      },
    };
  }

  private trade(
    symbol: string,
    cells: unknown,
    recvUs: number,
    out: RowOutlet,
  ): { readonly id: number; readonly us: number } | undefined {
    const { id, price, qty, time, isBuyerMaker } = (cells ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof id !== 'number' || typeof time !== 'number' || !isNumeral(price) || !isNumeral(qty)) {
      out.reject('bad-row', 'historicalTrades', JSON.stringify(cells));
      return undefined;
    }
    const us = microsOf(time);
    const batch = out.batch();
    const row = batch.addTrade(this.frames.instrument(symbol), this.sourceId, us, recvUs, Number(price), Number(qty));
    this.frames.mark(batch, row, id, isBuyerMaker);
    return { id, us };
  }

  bars(range: HistoryRange, lengthUs: number): HistoryQuery {
    const interval = intervalOf(lengthUs);
    if (interval === undefined) {
      throw new UsageError(`binance has no bars of ${lengthUs / 1e6} s.`, { subject: 'timeframe' });
    }
    const symbol = this.symbols.provider(range.symbol);
    const endTime = Math.ceil(range.toUs / US_PER_MS) - 1;
    const query = { symbol, interval, startTime: Math.ceil(range.fromUs / US_PER_MS), endTime, limit: PAGE };
    return {
      request: { path: '/api/v3/klines', query, cost: WEIGHT.klines },
      read: (answer, recvUs, out) => {
        const rows = rowsOf(answer, out);
        if (rows === undefined) return undefined;
        let lastUs = Number.NaN;
        for (const row of rows) lastUs = this.kline(symbol, row, lengthUs, recvUs, out) ?? lastUs;
        const nextUs = lastUs + lengthUs;
        if (rows.length < PAGE || !(nextUs < range.toUs)) return undefined;
        return this.bars({ ...range, fromUs: nextUs }, lengthUs);
      },
    };
  }

  /** The last row is usually the bar that is still open: a bar that ends after its receipt is passed over. */
  private kline(symbol: string, cells: unknown, lengthUs: number, recvUs: number, out: RowOutlet): number | undefined {
    if (!Array.isArray(cells) || typeof cells[0] !== 'number' || typeof cells[8] !== 'number') {
      out.reject('bad-row', 'klines', JSON.stringify(cells));
      return undefined;
    }
    const texts = [cells[1], cells[2], cells[3], cells[4], cells[5], cells[7]] as unknown[];
    if (!texts.every(isNumeral)) {
      out.reject('bad-row', 'klines', JSON.stringify(cells));
      return undefined;
    }
    const [open, high, low, close, volume, turnover] = texts.map(Number) as number[];
    const startUs = microsOf(cells[0]);
    if (startUs + lengthUs > recvUs) return startUs;
    const vwap = (volume as number) > 0 ? (turnover as number) / (volume as number) : Number.NaN;
    const bar = [open, high, low, close, volume, vwap, cells[8], lengthUs] as number[];
    this.frames.bar(out, this.frames.instrument(symbol), startUs, recvUs, bar);
    return startUs;
  }
}

function rowsOf(answer: HttpAnswer, out: RowOutlet): readonly unknown[] | undefined {
  try {
    const rows: unknown = JSON.parse(answer.text);
    if (Array.isArray(rows)) return rows;
    out.reject('unknown-shape', 'an answer that is no list', answer.text);
  } catch {
    // The text itself goes to quarantine.
    out.reject('bad-frame', 'an answer that is no JSON', answer.text);
  }
  return undefined;
}

/** Errors by status and code, as the provider's documents list them. */
export function binanceRefusal({ status, headers, text }: HttpAnswer): Refusal | undefined {
  if (status === 200) return undefined;
  const { code, message } = errorOf(text, status);
  const retryAfterS = Number(headers['retry-after']);
  const pause = Number.isFinite(retryAfterS) ? { retryAfterMs: retryAfterS * 1_000 } : {};
  if (status === 418 || status === 429) return { code, message, remedy: 'wait', ...pause };
  if (code === '-1121') return { code, message, remedy: 'symbol' };
  if (status >= 500 || status === 408) return { code, message, remedy: 'retry', ...pause };
  // A firewall's 403 and a region's 451 stay; other 4xx are faults of the request.
  return { code, message, remedy: 'stop' };
}

function errorOf(text: string, status: number): { readonly code: string; readonly message: string } {
  try {
    const { code, msg } = JSON.parse(text) as { readonly code?: unknown; readonly msg?: unknown };
    return { code: String(code ?? status), message: typeof msg === 'string' ? msg : `HTTP ${status}` };
  } catch {
    // Firewalls answer in HTML.
    return { code: String(status), message: `HTTP ${status}` };
  }
}
