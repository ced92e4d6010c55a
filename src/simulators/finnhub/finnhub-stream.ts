import { EventKind } from '../../model/index.ts';
import { Channel } from '../channel.ts';
import { objectFrame } from '../json-frame.ts';
import type { Peer, SimulatedWorld, StreamSession } from '../provider.ts';
import { wholeMillis } from '../wire-format.ts';

const FRAME_EVENTS = 50;
/** Interval of the application's own pings. */
const PING_MS = 30_000;

/** One client of `/?token=KEY`, whose token the handshake has checked. */
export class FinnhubSession implements StreamSession {
  private readonly world: SimulatedWorld;
  private readonly peer: Peer;
  private readonly trades: Channel;

  constructor(world: SimulatedWorld, peer: Peer) {
    this.world = world;
    this.peer = peer;
    this.trades = new Channel(world.symbols, (symbol) => world.symbols.text(symbol));
  }

  open(): void {
    this.peer.note('auth', { accepted: true });
    this.peer.admit();
    this.ping();
  }

  receive(frame: string | Uint8Array): void {
    const message = objectFrame(frame);
    this.peer.note('received', { message: message ?? null });
    const symbol = message?.['symbol'];
    if (typeof symbol !== 'string' || symbol === '') {
      this.fail('Invalid message');
      return;
    }
    if (message?.['type'] === 'subscribe') {
      if (!this.trades.has(symbol) && this.trades.size >= this.world.symbolLimit) {
        this.fail('Subscribing to too many symbols');
        return;
      }
      this.trades.add(symbol);
      this.peer.subscribed(this.trades.size);
    } else if (message?.['type'] === 'unsubscribe') this.trades.remove(symbol);
    else this.fail('Invalid message');
  }

  deliver(rows: readonly number[]): void {
    let data: object[] = [];
    let sent: number[] = [];
    for (const row of rows) {
      const trade = this.tradeOf(row);
      if (trade === undefined) continue;
      data.push(trade);
      sent.push(row);
      if (data.length < FRAME_EVENTS) continue;
      this.send(data, sent);
      data = [];
      sent = [];
    }
    if (data.length > 0) this.send(data, sent);
  }

  /** A trade; for symbols of which the tape has quotes only, the middle as a price update of size 0, as for forex. */
  private tradeOf(row: number): object | undefined {
    const { tape } = this.world;
    const symbol = tape.symbol[row] as number;
    const s = this.trades.nameOf(symbol);
    if (s === undefined) return undefined;
    const t = wholeMillis(tape.tsEventUs[row] as number);
    if (tape.kind[row] === EventKind.Trade) {
      const words = tape
        .conditionText(row)
        .split(/[,;\s]+/)
        .filter((word) => word !== '');
      return { c: words.length === 0 ? null : words, p: tape.p0[row], s, t, v: tape.p1[row] };
    }
    if (tape.kind[row] !== EventKind.Quote || tape.has(symbol, EventKind.Trade)) return undefined;
    const [bid, ask] = [tape.p0[row] as number, tape.p2[row] as number];
    if (Number.isNaN(bid) || Number.isNaN(ask)) return undefined;
    return { c: null, p: (bid + ask) / 2, s, t, v: 0 };
  }

  private send(data: readonly object[], rows: readonly number[]): void {
    this.peer.sendData(JSON.stringify({ data, type: 'trade' }), rows);
  }

  private fail(msg: string): void {
    this.peer.send(JSON.stringify({ msg, type: 'error' }));
  }

  private ping(): void {
    this.peer.after(PING_MS, () => {
      this.peer.send('{"type":"ping"}');
      this.ping();
    });
  }
}
