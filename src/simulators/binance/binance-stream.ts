import { US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND } from '../../base/index.ts';
import { EventKind } from '../../model/index.ts';
import { isRecord } from '../json-frame.ts';
import { type LiveBar, LiveBars } from '../live-bars.ts';
import type { Peer, SimulatedWorld, StreamSession } from '../provider.ts';
import { isSellerTaker } from '../tape-history.ts';
import { decimalText, integerJson, wholeMillis } from '../wire-format.ts';

export const BINANCE_INTERVALS_US: Readonly<Record<string, number>> = {
  '1s': US_PER_SECOND,
  '1m': US_PER_MINUTE,
  '3m': 3 * US_PER_MINUTE,
  '5m': 5 * US_PER_MINUTE,
  '15m': 15 * US_PER_MINUTE,
  '30m': 30 * US_PER_MINUTE,
  '1h': US_PER_HOUR,
  '2h': 2 * US_PER_HOUR,
  '4h': 4 * US_PER_HOUR,
  '6h': 6 * US_PER_HOUR,
  '8h': 8 * US_PER_HOUR,
  '12h': 12 * US_PER_HOUR,
  '1d': 24 * US_PER_HOUR,
};

/** Most streams of a connection. */
const MOST_STREAMS = 1_024;

interface Command {
  readonly method?: unknown;
  readonly params?: unknown;
  readonly id?: unknown;
}

/** One client of `/ws`, `/ws/<stream>` or `/stream?streams=`. */
export class BinanceSession implements StreamSession {
  private readonly world: SimulatedWorld;
  private readonly peer: Peer;
  private readonly streams = new Set<string>();
  /** Stream names by symbol of the tape: the kinds, and the bars of each interval. */
  private readonly wanted: (Map<string, string> | undefined)[] = [];
  private readonly bars = new Map<string, LiveBars>();
  private isCombined: boolean;
  private readonly usesMicros: boolean;

  constructor(world: SimulatedWorld, peer: Peer) {
    this.world = world;
    this.peer = peer;
    this.isCombined = peer.request.path.startsWith('/stream');
    this.usesMicros = /^micro/i.test(peer.request.query.get('timeUnit') ?? '');
  }

  open(): void {
    const { path, query } = this.peer.request;
    const names = this.isCombined ? (query.get('streams') ?? '') : decodeURIComponent(path.replace(/^\/ws\/?/, ''));
    const list = names.split('/').filter((name) => name !== '');
    if (!this.peer.admit()) {
      this.peer.close(1008, 'Too many connections.');
      return;
    }
    for (const name of list) this.add(name);
    if (list.length > 0) this.peer.subscribed(this.streams.size);
  }

  receive(frame: string | Uint8Array): void {
    const text = typeof frame === 'string' ? frame : new TextDecoder().decode(frame);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      this.reply({ error: { code: 3, msg: `Invalid JSON: ${(cause as Error).message.slice(0, 80)}` } });
      return;
    }
    this.peer.note('received', { message: value });
    const { id = null, method, params } = (isRecord(value) ? value : {}) as Command;
    if (typeof method !== 'string') {
      this.reply({ error: { code: 2, msg: 'Invalid request: missing field `method`' }, id });
      return;
    }
    this.run(method, params, id);
  }

  deliver(rows: readonly number[]): void {
    const { tape } = this.world;
    for (const row of rows) {
      const wanted = this.wanted[tape.symbol[row] as number];
      if (wanted !== undefined && wanted.size > 0) this.deliverRow(row, tape.kind[row] as EventKind, wanted);
    }
  }

  private deliverRow(row: number, kind: EventKind, wanted: ReadonlyMap<string, string>): void {
    if (kind === EventKind.Trade) {
      const trade = wanted.get('trade');
      if (trade !== undefined) this.data(trade, this.trade(row, false), row);
      const aggregate = wanted.get('aggTrade');
      if (aggregate !== undefined) this.data(aggregate, this.trade(row, true), row);
    } else if (kind === EventKind.Quote) {
      const book = wanted.get('bookTicker');
      if (book !== undefined) this.data(book, this.quote(row), row);
    }
    for (const [interval, bars] of this.bars) {
      const name = wanted.get(`kline_${interval}`);
      const done = name === undefined ? undefined : bars.take(row);
      if (done !== undefined) this.data(name as string, this.kline(row, interval, done), undefined);
    }
  }

  private run(method: string, params: unknown, id: unknown): void {
    const names = Array.isArray(params) ? params.filter((each): each is string => typeof each === 'string') : [];
    if (method === 'SUBSCRIBE' || method === 'UNSUBSCRIBE') {
      if (!Array.isArray(params) || names.length !== params.length) {
        this.reply({ error: { code: 1, msg: 'Invalid value type: expected string' }, id });
        return;
      }
      const total = method === 'SUBSCRIBE' ? new Set([...this.streams, ...names]).size : 0;
      if (total > Math.min(MOST_STREAMS, this.world.symbolLimit)) {
        this.reply({ error: { code: 2, msg: `Invalid request: too many streams` }, id });
        return;
      }
      for (const name of names) {
        if (method === 'SUBSCRIBE') this.add(name);
        else this.remove(name);
      }
      this.reply({ result: null, id });
      this.peer.subscribed(this.streams.size);
    } else if (method === 'LIST_SUBSCRIPTIONS') this.reply({ result: [...this.streams], id });
    else if (method === 'SET_PROPERTY' && Array.isArray(params) && params[0] === 'combined') {
      this.isCombined = params[1] === true;
      this.reply({ result: null, id });
    } else if (method === 'GET_PROPERTY' && names[0] === 'combined') this.reply({ result: this.isCombined, id });
    else
      this.reply({
        error: { code: method.endsWith('PROPERTY') ? 0 : 2, msg: `Invalid request: ${method.slice(0, 40)}` },
        id,
      });
  }

  private add(name: string): void {
    this.streams.add(name);
    const [symbol, kind] = this.parts(name);
    if (symbol === undefined || kind === undefined) return;
    let wanted = this.wanted[symbol];
    if (wanted === undefined) {
      wanted = new Map();
      this.wanted[symbol] = wanted;
    }
    wanted.set(kind, name);
    const interval = kind.startsWith('kline_') ? kind.slice(6) : '';
    const lengthUs = BINANCE_INTERVALS_US[interval];
    if (lengthUs !== undefined && !this.bars.has(interval)) {
      this.bars.set(interval, new LiveBars(this.world.tape, lengthUs));
    }
  }

  private remove(name: string): void {
    this.streams.delete(name);
    const [symbol, kind] = this.parts(name);
    if (symbol !== undefined && kind !== undefined) this.wanted[symbol]?.delete(kind);
  }

  private parts(name: string): readonly [number | undefined, string | undefined] {
    const at = name.indexOf('@');
    return at < 0 ? [undefined, undefined] : [this.world.symbols.find(name.slice(0, at)), name.slice(at + 1)];
  }

  private trade(row: number, isAggregate: boolean): object {
    const { tape } = this.world;
    const id = integerJson(tape.tradeId(row));
    const head = { e: isAggregate ? 'aggTrade' : 'trade', E: this.time(this.world.stampUs()), s: this.symbol(row) };
    const price = decimalText(tape.p0[row] as number);
    const size = decimalText(tape.p1[row] as number);
    const m = isSellerTaker(tape.conditionText(row));
    const rest = { T: this.time(tape.tsEventUs[row] as number), m, M: true };
    if (isAggregate) return { ...head, a: id, p: price, q: size, f: id, l: id, ...rest };
    return { ...head, t: id, p: price, q: size, ...rest };
  }

  private quote(row: number): object {
    const { tape } = this.world;
    const [b, B, a, A] = [tape.p0, tape.p1, tape.p2, tape.p3].map((column) =>
      decimalText(zeroed(column[row] as number)),
    );
    return { u: tape.ordinal[row], s: this.symbol(row), b, B, a, A };
  }

  private kline(row: number, interval: string, bar: LiveBar): object {
    const lengthUs = BINANCE_INTERVALS_US[interval] as number;
    const s = this.symbol(row);
    const startUs = bar.startUs as number;
    const k = {
      t: this.time(startUs),
      T: this.time(startUs + lengthUs - 1_000),
      s,
      i: interval,
      f: -1,
      L: -1,
      o: decimalText(bar.open),
      c: decimalText(bar.close),
      h: decimalText(bar.high),
      l: decimalText(bar.low),
      v: decimalText(bar.volume),
      n: bar.trades,
      x: true,
      q: decimalText(bar.value),
      V: decimalText(bar.takerBuyVolume),
      Q: decimalText(bar.takerBuyVolume * bar.vwap),
      B: '0',
    };
    return { e: 'kline', E: this.time(this.world.stampUs()), s, k };
  }

  private symbol(row: number): string {
    return this.world.tape.symbolText(row);
  }

  private time(us: number): number {
    return this.usesMicros ? us : wholeMillis(us);
  }

  private data(stream: string, data: object, row: number | undefined): void {
    const text = JSON.stringify(this.isCombined ? { stream, data } : data);
    if (row === undefined) this.peer.send(text);
    else this.peer.sendData(text, [row]);
  }

  private reply(answer: object): void {
    this.peer.send(JSON.stringify(answer));
  }
}

function zeroed(value: number): number {
  return value === value ? value : 0;
}
