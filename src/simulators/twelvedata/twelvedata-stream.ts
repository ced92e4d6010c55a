import { US_PER_DAY } from '../../base/index.ts';
import { EventKind } from '../../model/index.ts';
import { Channel } from '../channel.ts';
import { isRecord, objectFrame } from '../json-frame.ts';
import type { Peer, SimulatedWorld, StreamSession } from '../provider.ts';
import { wholeSeconds } from '../wire-format.ts';
import { instrumentFields } from './twelvedata-instrument.ts';

/** One client of `/v1/quotes/price?apikey=KEY`, whose key the handshake has checked. */
export class TwelvedataSession implements StreamSession {
  private readonly world: SimulatedWorld;
  private readonly peer: Peer;
  private readonly prices: Channel;
  /** Volume of the UTC day by symbol, with the day it is of. */
  private readonly dayVolumes = new Map<number, { day: number; volume: number }>();

  constructor(world: SimulatedWorld, peer: Peer) {
    this.world = world;
    this.peer = peer;
    this.prices = new Channel(world.symbols, (symbol) => world.symbols.joined(symbol, '/'));
  }

  open(): void {
    this.peer.note('auth', { accepted: true });
    this.peer.admit();
  }

  receive(frame: string | Uint8Array): void {
    const message = objectFrame(frame);
    this.peer.note('received', { message: message ?? null });
    const action = message?.['action'];
    if (action === 'heartbeat') this.reply({ event: 'heartbeat', status: 'ok' });
    else if (action === 'reset') {
      this.prices.clear();
      this.reply({ event: 'reset-status', status: 'ok' });
    } else if (action === 'subscribe' || action === 'unsubscribe') {
      this.changeSubscription(symbolsOf(message?.['params']), action === 'subscribe');
    } else this.reply({ event: 'message-processing', status: 'error', messages: ['Invalid action'] });
  }

  deliver(rows: readonly number[]): void {
    for (const row of rows) {
      const price = this.priceOf(row);
      if (price !== undefined) this.peer.sendData(JSON.stringify(price), [row]);
    }
  }

  private changeSubscription(texts: readonly string[], isAdding: boolean): void {
    const success: object[] = [];
    const fails: object[] = [];
    for (const text of texts) {
      const symbol = this.world.symbols.find(text);
      const isOver = isAdding && !this.prices.has(text) && this.prices.size >= this.world.symbolLimit;
      if (symbol === undefined || isOver) {
        fails.push({ symbol: text });
        continue;
      }
      if (isAdding) this.prices.add(text);
      else this.prices.remove(text);
      success.push({ symbol: text, ...instrumentFields(this.world, symbol) });
    }
    const event = isAdding ? 'subscribe-status' : 'unsubscribe-status';
    const status = success.length > 0 || texts.length === 0 ? 'ok' : 'error';
    this.reply({ event, status, success: success.length > 0 ? success : null, fails: fails.length > 0 ? fails : null });
    this.peer.subscribed(this.prices.size);
  }

  /** The last price after a trade; after a quote where the tape has no trades of the symbol. */
  private priceOf(row: number): object | undefined {
    const { tape } = this.world;
    const symbol = tape.symbol[row] as number;
    const name = this.prices.nameOf(symbol);
    if (name === undefined) return undefined;
    const isTrade = tape.kind[row] === EventKind.Trade;
    if (!isTrade && (tape.kind[row] !== EventKind.Quote || tape.has(symbol, EventKind.Trade))) return undefined;
    const head = { event: 'price', symbol: name, ...instrumentFields(this.world, symbol) };
    const timestamp = wholeSeconds(tape.tsEventUs[row] as number);
    if (isTrade) return { ...head, timestamp, price: tape.p0[row], day_volume: this.dayVolume(symbol, row) };
    const [bid, ask] = [tape.p0[row] as number, tape.p2[row] as number];
    if (Number.isNaN(bid) || Number.isNaN(ask)) return undefined;
    return { ...head, timestamp, price: (bid + ask) / 2, bid, ask };
  }

  private dayVolume(symbol: number, row: number): number {
    const { tape } = this.world;
    const day = Math.floor((tape.tsEventUs[row] as number) / US_PER_DAY);
    let total = this.dayVolumes.get(symbol);
    if (total === undefined || day > total.day) {
      total = { day, volume: 0 };
      this.dayVolumes.set(symbol, total);
    }
    total.volume += tape.p1[row] as number;
    return total.volume;
  }

  private reply(answer: object): void {
    this.peer.send(JSON.stringify(answer));
  }
}

/** `"AAPL,EUR/USD"`, or a list of objects with a symbol. */
function symbolsOf(params: unknown): string[] {
  const symbols = isRecord(params) ? params['symbols'] : undefined;
  if (typeof symbols === 'string')
    return symbols
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  if (!Array.isArray(symbols)) return [];
  return symbols.map((each: unknown) => String(isRecord(each) ? each['symbol'] : each));
}
