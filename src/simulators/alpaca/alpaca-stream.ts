import { EventKind } from '../../model/index.ts';
import { Channel } from '../channel.ts';
import { headerText } from '../json-frame.ts';
import { LiveBars } from '../live-bars.ts';
import type { Peer, SimulatedWorld, StreamSession } from '../provider.ts';
import { type AlpacaCodec, codecOf } from './alpaca-codec.ts';
import { ALPACA_STREAM_BAR_US, AlpacaMessages, originalOf } from './alpaca-messages.ts';

/** Time that a client has to authenticate. */
const AUTH_MS = 10_000;
/** Events of a frame at most. */
const FRAME_EVENTS = 100;
const CHANNELS = ['trades', 'quotes', 'bars', 'updatedBars', 'dailyBars', 'statuses', 'lulds'] as const;
const CRYPTO_CHANNELS = ['trades', 'quotes', 'bars', 'updatedBars', 'dailyBars', 'orderbooks'] as const;

const ERRORS = {
  400: 'invalid syntax',
  401: 'not authenticated',
  402: 'auth failed',
  403: 'already authenticated',
  404: 'auth timeout',
  405: 'symbol limit exceeded',
  406: 'connection limit exceeded',
  410: 'invalid subscribe action for this feed',
} as const;

/** One client of `/v2/{feed}` or `/v1beta3/crypto/{location}`. */
export class AlpacaSession implements StreamSession {
  private readonly world: SimulatedWorld;
  private readonly peer: Peer;
  private readonly codec: AlpacaCodec;
  private readonly messages: AlpacaMessages;
  private readonly channels = new Map<string, Channel>();
  private readonly bars: LiveBars;
  private readonly isCrypto: boolean;
  private isAuthenticated = false;

  constructor(world: SimulatedWorld, peer: Peer, isCrypto: boolean) {
    this.world = world;
    this.peer = peer;
    this.isCrypto = isCrypto;
    this.codec = codecOf(headerText(peer.request.headers['content-type']));
    this.messages = new AlpacaMessages(world.tape, isCrypto);
    this.bars = new LiveBars(world.tape, ALPACA_STREAM_BAR_US);
    const spelling = (symbol: number): string => world.symbols.joined(symbol, isCrypto ? '/' : '');
    for (const name of isCrypto ? CRYPTO_CHANNELS : CHANNELS) {
      this.channels.set(name, new Channel(world.symbols, spelling));
    }
  }

  open(): void {
    this.reply({ T: 'success', msg: 'connected' });
    const { headers } = this.peer.request;
    const key = headerText(headers['apca-api-key-id']);
    if (key !== undefined) this.authenticate(key, headerText(headers['apca-api-secret-key']));
    this.peer.after(AUTH_MS, () => {
      if (!this.isAuthenticated) this.fail(404, true);
    });
  }

  receive(frame: string | Uint8Array): void {
    let message: Record<string, unknown>;
    try {
      message = this.codec.decode(frame) as Record<string, unknown>;
    } catch (error) {
      this.peer.note('received', { problem: (error as Error).message.slice(0, 120) });
      this.fail(400);
      return;
    }
    if (typeof message !== 'object' || message === null) {
      this.fail(400);
      return;
    }
    if (message['action'] === 'auth') {
      const [key, secret] = [message['key'], message['secret']];
      // OAuth tokens come as the secret of the key "oauth".
      if (key === 'oauth') this.authenticate(String(secret), undefined);
      else
        this.authenticate(typeof key === 'string' ? key : undefined, typeof secret === 'string' ? secret : undefined);
      return;
    }
    this.peer.note('received', { message });
    if (message['action'] === 'subscribe' || message['action'] === 'unsubscribe') {
      if (this.isAuthenticated) this.changeSubscription(message, message['action'] === 'subscribe');
      else this.fail(401);
    } else this.fail(400);
  }

  deliver(rows: readonly number[]): void {
    if (!this.isAuthenticated) return;
    let messages: Record<string, unknown>[] = [];
    let sent: number[] = [];
    for (const row of rows) {
      const before = messages.length;
      this.append(row, messages);
      if (messages.length > before) sent.push(row);
      if (messages.length < FRAME_EVENTS) continue;
      this.peer.sendData(this.codec.encode(messages), sent);
      messages = [];
      sent = [];
    }
    if (messages.length > 0) this.peer.sendData(this.codec.encode(messages), sent);
  }

  private append(row: number, messages: Record<string, unknown>[]): void {
    const { tape } = this.world;
    const symbol = tape.symbol[row] as number;
    const kind = tape.kind[row] as EventKind;
    const trades = this.nameIn('trades', symbol);
    const { codec } = this;
    if (kind === EventKind.Trade && trades !== undefined) {
      messages.push({ T: 't', S: trades, ...this.messages.trade(row, codec) });
    } else if (kind === EventKind.Quote) {
      const S = this.nameIn('quotes', symbol);
      if (S !== undefined) messages.push({ T: 'q', S, ...this.messages.quote(row, codec) });
    } else if (kind === EventKind.Correction && trades !== undefined) {
      messages.push({ T: 'c', S: trades, ...this.messages.correction(row, codec, originalOf(tape, row)) });
    } else if (kind === EventKind.Cancel && trades !== undefined) {
      messages.push({ T: 'x', S: trades, ...this.messages.cancel(row, codec, originalOf(tape, row)) });
    }
    const barName = this.nameIn('bars', symbol);
    const bar = barName === undefined ? undefined : this.bars.take(row);
    if (bar !== undefined) {
      const { startUs, open, high, low, close, volume, trades: count, vwap } = bar;
      const values = { startUs: startUs as number, open, high, low, close, volume, trades: count, vwap };
      messages.push({ T: 'b', S: barName, ...this.messages.bar(values, codec) });
    }
  }

  private authenticate(key: string | undefined, secret: string | undefined): void {
    if (this.isAuthenticated) {
      this.fail(403);
      return;
    }
    const isGood = this.world.keys.accepts(key, secret);
    this.peer.note('auth', { accepted: isGood });
    if (!isGood) this.fail(402, true);
    else if (!this.peer.admit()) this.fail(406, true);
    else {
      this.isAuthenticated = true;
      this.reply({ T: 'success', msg: 'authenticated' });
    }
  }

  private changeSubscription(message: Readonly<Record<string, unknown>>, isAdding: boolean): void {
    const asked: (readonly [Channel, readonly string[]])[] = [];
    for (const [name, list] of Object.entries(message)) {
      if (name === 'action') continue;
      const channel = this.channels.get(name);
      if (channel === undefined || !Array.isArray(list)) {
        this.fail(channel === undefined ? 410 : 400);
        return;
      }
      asked.push([channel, list.map(String)]);
    }
    if (isAdding && asked.some(([channel, list]) => this.isTooMany(channel, list))) {
      this.fail(405);
      return;
    }
    for (const [channel, list] of asked) {
      for (const text of list) {
        if (isAdding) channel.add(text);
        else channel.remove(text);
      }
    }
    this.reply(this.state());
    this.peer.subscribed([...this.channels.values()].reduce((sum, channel) => sum + channel.size, 0));
  }

  private isTooMany(channel: Channel, list: readonly string[]): boolean {
    return new Set([...channel.list(), ...list]).size > this.world.symbolLimit;
  }

  /** Every channel with all that it holds, as each answer tells it. */
  private state(): object {
    const lists = [...this.channels].map(([name, channel]) => [name, channel.list()] as const);
    const trades = this.channels.get('trades')?.list() ?? [];
    const automatic = this.isCrypto ? {} : { corrections: trades, cancelErrors: trades };
    return { T: 'subscription', ...Object.fromEntries(lists), ...automatic };
  }

  private nameIn(channel: string, symbol: number): string | undefined {
    return this.channels.get(channel)?.nameOf(symbol);
  }

  private fail(code: keyof typeof ERRORS, isFinal = false): void {
    this.reply({ T: 'error', code, msg: ERRORS[code] });
    if (isFinal) this.peer.close(1000, ERRORS[code]);
  }

  private reply(message: object): void {
    this.peer.send(this.codec.encode([message]));
  }
}
