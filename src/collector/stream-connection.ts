import { type Clock, frameText, LiveSocket, type Log, type SocketEnd } from '../host/index.ts';
import type { ClientMessage, ControlOutcome, Refusal, StreamProtocol, StreamSession } from '../sources/index.ts';
import type { RowCollector } from './row-collector.ts';

const LOOK_MS = 50;

export type ConnectionState = 'connecting' | 'authenticating' | 'subscribing' | 'live' | 'ended';

/** How a connection ended and what is to be done. */
export interface ConnectionEnd {
  readonly reason: string;
  /** `symbols`: every subscription was refused for its symbols. */
  readonly remedy: 'retry' | 'at-once' | 'wait' | 'stop' | 'symbols';
  readonly retryAfterMs?: number;
  /** Why the socket never opened, by the system's code. */
  readonly systemCode?: string;
  /** Time from going live to the last frame. */
  readonly deliveredMs: number;
  /** True where silence was taken for a dead connection. */
  readonly isMute: boolean;
}

export interface StreamConnectionOptions {
  readonly protocol: StreamProtocol;
  readonly symbols: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Silence after which it counts as mute: longer than the protocol's after a quiet market. */
  readonly silenceMs: number;
  readonly ca?: string;
  /** Rows and outcomes that the session reads. */
  readonly rows: RowCollector;
  onState(state: ConnectionState): void;
  /** Reads one frame into {@link rows}, by way of `read`. */
  onFrame(read: (recvUs: number) => void): void;
}

/** One connection to a provider's stream, from its opening to its end. */
export class StreamConnection {
  state: ConnectionState = 'connecting';
  private readonly options: StreamConnectionOptions;
  private readonly session: StreamSession;
  private readonly socket: LiveSocket;
  private readonly resolve: (end: ConnectionEnd) => void;
  /** Resolves once, when the connection is over. */
  readonly ended: Promise<ConnectionEnd>;
  private readonly over = new AbortController();
  private readonly openedMs: number;
  private stepMs: number;
  private lastFrameMs: number;
  private liveMs = 0;
  private lastSentMs = Number.NEGATIVE_INFINITY;
  private lastBeatMs: number;
  private pending: ClientMessage[] = [];
  private isAwaitingAnswer = false;
  /** Whether a subscription was taken, in part at least; and why one was not. */
  private isServed = false;
  private refusedFor: string | undefined;

  constructor(options: StreamConnectionOptions) {
    const { protocol, clock, ca } = options;
    this.options = options;
    this.session = protocol.session();
    this.openedMs = clock.monotonicMs();
    this.stepMs = this.openedMs;
    this.lastFrameMs = this.openedMs;
    this.lastBeatMs = this.openedMs;
    const { promise, resolve } = Promise.withResolvers<ConnectionEnd>();
    this.ended = promise;
    this.resolve = resolve;
    this.socket = new LiveSocket(
      {
        url: protocol.url(),
        handshakeTimeoutMs: protocol.answerTimeoutMs,
        ...(protocol.headers === undefined ? {} : { headers: protocol.headers }),
        ...(ca === undefined ? {} : { ca }),
      },
      {
        opened: () => this.opened(),
        frame: (data, isText) => this.frame(data, isText),
        ended: (end) => this.socketEnded(end),
      },
    );
    void this.watch();
  }

  pause(): void {
    this.socket.pause();
  }

  /** Reads on. The silence of a pause was of our own making. */
  resume(): void {
    this.lastFrameMs = this.options.clock.monotonicMs();
    this.socket.resume();
  }

  /** Ends the connection from this side. */
  stop(reason: string): void {
    this.end({ reason, remedy: 'at-once' });
  }

  private enter(state: ConnectionState): void {
    this.state = state;
    this.stepMs = this.options.clock.monotonicMs();
    this.options.onState(state);
  }

  private opened(): void {
    const { opening } = this.options.protocol;
    if (opening === 'subscribe') this.subscribe();
    else {
      this.enter('authenticating');
      if (opening === 'auth') this.authenticate();
    }
  }

  private authenticate(): void {
    for (const message of this.session.authenticate()) this.send(message);
  }

  private subscribe(): void {
    this.pending = [...this.session.subscribe(this.options.symbols)];
    this.enter('subscribing');
    this.sendNext();
  }

  private send(message: ClientMessage): void {
    this.socket.send(message.data);
    this.lastSentMs = this.options.clock.monotonicMs();
    this.stepMs = this.lastSentMs;
  }

  /** Sends the next subscription when the one before is answered and the pace allows; then the stream is live. */
  private sendNext(): void {
    if (this.state !== 'subscribing' || this.isAwaitingAnswer) return;
    const { protocol, clock } = this.options;
    const message = this.pending[0];
    if (message === undefined && !this.isServed && this.refusedFor !== undefined) {
      this.end({ reason: this.refusedFor, remedy: 'symbols' });
      return;
    }
    if (message === undefined) {
      this.liveMs = clock.monotonicMs();
      this.lastFrameMs = this.liveMs;
      this.enter('live');
      return;
    }
    if (clock.monotonicMs() - this.lastSentMs < protocol.sendEveryMs) return;
    this.pending.shift();
    this.isAwaitingAnswer = protocol.acknowledges;
    this.send(message);
    if (!protocol.acknowledges) this.sendNext();
  }

  private frame(data: Uint8Array, isText: boolean): void {
    if (this.state === 'ended') return;
    this.lastFrameMs = this.options.clock.monotonicMs();
    const { rows } = this.options;
    this.options.onFrame((recvUs) => this.read(data, isText, recvUs));
    for (const outcome of rows.outcomes.splice(0)) this.react(outcome);
  }

  private read(data: Uint8Array, isText: boolean, recvUs: number): void {
    const { rows } = this.options;
    if (!isText) this.session.receive(data, recvUs, rows);
    else if (this.session.scan?.(data, recvUs, rows) !== true) this.session.receive(frameText(data), recvUs, rows);
  }

  private react(outcome: ControlOutcome): void {
    if (this.over.signal.aborted) return;
    switch (outcome.type) {
      case 'greeted':
        if (this.state === 'authenticating') this.authenticate();
        return;
      case 'authenticated':
        if (this.state === 'authenticating') this.subscribe();
        return;
      case 'subscribed':
        this.isServed = true;
        this.isAwaitingAnswer = false;
        this.sendNext();
        return;
      case 'closing':
        this.end({ reason: outcome.reason, remedy: 'at-once' });
        return;
      case 'error':
        this.refused(outcome);
        return;
      case 'alive':
        return;
    }
  }

  private refused({ code, message, remedy, retryAfterMs, isWhole }: Refusal): void {
    const { log } = this.options;
    log.warn('stream_refused', message, { code, remedy });
    const reason = `${code}: ${message}`;
    const pause = retryAfterMs === undefined ? {} : { retryAfterMs };
    switch (remedy) {
      case 'stop':
        this.end({ reason, remedy: 'stop' });
        return;
      case 'retry':
        this.end({ reason, remedy: 'retry', ...pause });
        return;
      case 'wait':
      case 'spent':
        this.end({ reason, remedy: 'wait', ...pause });
        return;
      case 'symbol':
        this.isAwaitingAnswer = false;
        if (isWhole === true) this.refusedFor = reason;
        else this.isServed = true;
        this.sendNext();
        return;
      case 'ignore':
        return;
    }
  }

  /** Looks after deadlines, the pace of messages, the heartbeat and the age. */
  private async watch(): Promise<void> {
    const { clock, protocol } = this.options;
    const { heartbeat } = this.session;
    while (!this.over.signal.aborted) {
      await clock.sleep(LOOK_MS, this.over.signal);
      if (this.over.signal.aborted) return;
      const nowMs = clock.monotonicMs();
      this.sendNext();
      if (this.state !== 'live') {
        if (nowMs - this.stepMs > protocol.answerTimeoutMs) {
          this.end({ reason: `no answer while ${this.state}`, remedy: 'retry' });
        }
        continue;
      }
      if (heartbeat !== undefined && nowMs - this.lastBeatMs >= heartbeat.everyMs) {
        this.lastBeatMs = nowMs;
        this.socket.send(heartbeat.message.data);
      }
      if (nowMs - this.lastFrameMs > this.options.silenceMs) {
        this.end({ reason: 'mute', remedy: 'at-once', isMute: true });
      } else if (protocol.maxAgeMs !== undefined && nowMs - this.openedMs > protocol.maxAgeMs) {
        this.end({ reason: 'renewed', remedy: 'at-once' });
      }
    }
  }

  private socketEnded({ reason, systemCode, status }: SocketEnd): void {
    // A refused handshake is the provider's word: wrong keys stay wrong.
    const remedy = status === 401 || status === 403 ? 'stop' : status === 429 ? 'wait' : 'retry';
    this.end({ reason, remedy, ...(systemCode === undefined ? {} : { systemCode }) });
  }

  private end(end: Partial<ConnectionEnd> & Pick<ConnectionEnd, 'reason' | 'remedy'>): void {
    if (this.over.signal.aborted) return;
    const deliveredMs = this.liveMs === 0 ? 0 : this.lastFrameMs - this.liveMs;
    this.over.abort();
    this.state = 'ended';
    this.socket.cut(end.reason);
    this.resolve({ isMute: false, deliveredMs, ...end });
  }
}
