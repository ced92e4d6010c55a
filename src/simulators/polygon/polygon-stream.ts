import { US_PER_MINUTE, US_PER_SECOND } from '../../base/index.ts';
import { EventKind } from '../../model/index.ts';
import { Channel } from '../channel.ts';
import { objectFrame } from '../json-frame.ts';
import { type LiveBar, LiveBars } from '../live-bars.ts';
import type { Peer, SimulatedWorld, StreamSession } from '../provider.ts';
import { wholeMillis } from '../wire-format.ts';
import { PolygonMessages, paramsOf } from './polygon-messages.ts';

const AUTH_MS = 10_000;
const FRAME_EVENTS = 100;
const STOCK_CHANNELS = ['T', 'Q', 'A', 'AM', 'LULD'] as const;
const CRYPTO_CHANNELS = ['XT', 'XQ', 'XAS', 'XA', 'XL2'] as const;

/** One client of `/stocks`, `/crypto` and the like. */
export class PolygonSession implements StreamSession {
  private readonly world: SimulatedWorld;
  private readonly peer: Peer;
  private readonly messages: PolygonMessages;
  private readonly channels = new Map<string, Channel>();
  private readonly seconds: LiveBars;
  private readonly minutes: LiveBars;
  private readonly isCrypto: boolean;
  private isAuthenticated = false;

  constructor(world: SimulatedWorld, peer: Peer) {
    this.world = world;
    this.peer = peer;
    this.isCrypto = peer.request.path.startsWith('/crypto');
    this.messages = new PolygonMessages(world.tape);
    this.seconds = new LiveBars(world.tape, US_PER_SECOND);
    this.minutes = new LiveBars(world.tape, US_PER_MINUTE);
    const separator = this.isCrypto ? '-' : '';
    for (const name of this.isCrypto ? CRYPTO_CHANNELS : STOCK_CHANNELS) {
      this.channels.set(name, new Channel(world.symbols, (symbol) => world.symbols.joined(symbol, separator)));
    }
  }

  open(): void {
    this.status('connected', 'Connected Successfully');
    this.peer.after(AUTH_MS, () => {
      if (this.isAuthenticated) return;
      this.status('auth_timeout', 'No authentication request received.');
      this.peer.close(1008, 'auth timeout');
    });
  }

  receive(frame: string | Uint8Array): void {
    const message = objectFrame(frame);
    const action = message?.['action'];
    if (action === 'auth') {
      this.authenticate(paramsOf(message));
      return;
    }
    this.peer.note('received', { message: message ?? null });
    if (action !== 'subscribe' && action !== 'unsubscribe') this.status('error', 'invalid action');
    else if (!this.isAuthenticated) this.status('error', 'not authenticated');
    else this.changeSubscription(paramsOf(message), action === 'subscribe');
  }

  deliver(rows: readonly number[]): void {
    if (!this.isAuthenticated) return;
    let messages: object[] = [];
    let sent: number[] = [];
    for (const row of rows) {
      const before = messages.length;
      this.append(row, messages);
      if (messages.length > before) sent.push(row);
      if (messages.length < FRAME_EVENTS) continue;
      this.peer.sendData(JSON.stringify(messages), sent);
      messages = [];
      sent = [];
    }
    if (messages.length > 0) this.peer.sendData(JSON.stringify(messages), sent);
  }

  private append(row: number, messages: object[]): void {
    const { tape } = this.world;
    const symbol = tape.symbol[row] as number;
    const prefix = this.isCrypto ? 'X' : '';
    if (tape.kind[row] === EventKind.Trade) {
      const name = this.nameIn(`${prefix}T`, symbol);
      if (name !== undefined) messages.push(this.messages.streamTrade(row, name, this.isCrypto));
    } else if (tape.kind[row] === EventKind.Quote) {
      const name = this.nameIn(`${prefix}Q`, symbol);
      if (name !== undefined) messages.push(this.messages.streamQuote(row, name, this.isCrypto));
    }
    this.appendBar(row, this.isCrypto ? 'XAS' : 'A', this.seconds, US_PER_SECOND, messages);
    this.appendBar(row, this.isCrypto ? 'XA' : 'AM', this.minutes, US_PER_MINUTE, messages);
  }

  private appendBar(row: number, ev: string, bars: LiveBars, lengthUs: number, messages: object[]): void {
    const name = this.nameIn(ev, this.world.tape.symbol[row] as number);
    const bar = name === undefined ? undefined : bars.take(row);
    if (bar !== undefined)
      messages.push({ ev, ...(this.isCrypto ? { pair: name } : { sym: name }), ...barFields(bar, lengthUs) });
  }

  private authenticate(key: string): void {
    const isGood = this.world.keys.accepts(key);
    this.peer.note('auth', { accepted: isGood });
    if (!isGood) {
      this.status('auth_failed', 'authentication failed');
      this.peer.close(1008, 'authentication failed');
    } else if (!this.peer.admit()) {
      this.status(
        'max_connections',
        'Maximum number of websocket connections exceeded. You have reached the connection limit for your account.',
      );
      this.peer.close(1008, 'max connections');
    } else {
      this.isAuthenticated = true;
      this.status('auth_success', 'authenticated');
    }
  }

  private changeSubscription(params: string, isAdding: boolean): void {
    const answers: object[] = [];
    for (const param of params.split(',').map((each) => each.trim())) {
      // A class ticker has a dot of its own: only the first one separates.
      const at = param.indexOf('.');
      const channel = at < 0 ? undefined : this.channels.get(param.slice(0, at));
      const symbol = param.slice(at + 1);
      if (channel === undefined || symbol === '')
        answers.push(status('error', `not authorized for or unknown: ${param.slice(0, 60)}`));
      else if (isAdding && !channel.has(symbol) && channel.size >= this.world.symbolLimit) {
        answers.push(status('error', 'symbol limit exceeded'));
      } else {
        if (isAdding) channel.add(symbol);
        else channel.remove(symbol);
        answers.push(status('success', `${isAdding ? 'subscribed' : 'unsubscribed'} to: ${param}`));
      }
    }
    this.peer.send(JSON.stringify(answers));
    this.peer.subscribed([...this.channels.values()].reduce((sum, channel) => sum + channel.size, 0));
  }

  private nameIn(channel: string, symbol: number): string | undefined {
    return this.channels.get(channel)?.nameOf(symbol);
  }

  private status(word: string, message: string): void {
    this.peer.send(JSON.stringify([status(word, message)]));
  }
}

function status(word: string, message: string): object {
  return { ev: 'status', status: word, message };
}

function barFields({ startUs, open, high, low, close, volume, vwap, trades }: LiveBar, lengthUs: number): object {
  const s = wholeMillis(startUs);
  const z = trades > 0 ? Math.round(volume / trades) : 0;
  return {
    v: volume,
    av: volume,
    op: open,
    vw: vwap,
    o: open,
    c: close,
    h: high,
    l: low,
    a: vwap,
    z,
    s,
    e: s + lengthUs / 1_000,
  };
}
