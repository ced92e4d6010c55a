import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type Micros, US_PER_SECOND } from '../base/index.ts';
import type { Clock } from '../host/index.ts';
import { FrameFaults, StrikePlan } from './connection-faults.ts';
import { type Fault, FaultSet } from './fault-spec.ts';
import { keyCheck } from './key-check.ts';
import { PlayOrder } from './play-order.ts';
import { Player } from './player.ts';
import type {
  Peer,
  ProviderSimulator,
  RestAnswer,
  RestRequest,
  SimulatorDefinition,
  StreamSession,
} from './provider.ts';
import { RequestFaults } from './request-faults.ts';
import { maskedFields, maskedUrl } from './secret-masking.ts';
import { describeEvent, type SimulatorLog } from './simulator-log.ts';
import { type ClientHandler, SimulatorServer, type TlsFiles } from './simulator-server.ts';
import { StreamConnection } from './stream-connection.ts';
import type { SimulatedTape } from './tape.ts';
import { TapeHistory } from './tape-history.ts';
import { WireSymbols } from './wire-symbols.ts';

/** Quiet after the last subscription before the tape starts, so that a client that subscribes in batches misses nothing. */
const SETTLE_MS = 300;
/** Longest wait for a client that does not keep up at full speed. */
const MOST_BEHIND_MS = 30_000;
const BEHIND_STEP_MS = 2;
/** What starts the tape. */
export type StartRule = 'subscribe' | 'request' | 'launch';

export interface SimulatorOptions {
  readonly tape: SimulatedTape;
  readonly speed: number;
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly start?: StartRule;
  /** Shifts the tape so that it begins when it is started; it has no history before. */
  readonly rebase?: boolean;
  /** `all`: the whole tape is history at any time; default: what was played, and all of it before the start. */
  readonly history?: 'played' | 'all';
  readonly key?: string;
  readonly secret?: string;
  readonly clock: Clock;
  readonly log: SimulatorLog;
  readonly onEnded?: () => void;
  /** Serve https and wss. */
  readonly tls?: TlsFiles;
  /** Quiet after the last subscription before the tape starts. */
  readonly settleMs?: number;
}

/** A provider on a loopback port that plays a tape. */
export class Simulator {
  readonly tape: SimulatedTape;
  private readonly options: SimulatorOptions;
  private readonly faults: FaultSet;
  private readonly history: TapeHistory;
  private readonly order: PlayOrder;
  private readonly player: Player;
  private readonly provider: ProviderSimulator;
  private readonly server: SimulatorServer;
  private readonly requestFaults: RequestFaults;
  private readonly strikes: StrikePlan;
  private readonly frameFaults: FrameFaults;
  private readonly clients = new Map<StreamConnection, StreamSession>();
  private readonly startRule: StartRule;
  private settleTimer: NodeJS.Timeout | undefined;
  private pingTimer: NodeJS.Timeout | undefined;
  private nextConnection = 1;
  private requests = 0;

  constructor(definition: SimulatorDefinition, options: SimulatorOptions) {
    const { tape, clock, seed } = options;
    this.options = options;
    this.tape = tape;
    this.faults = new FaultSet(options.faults);
    this.order = new PlayOrder(tape, this.faults, seed);
    this.order.onDropped = (row) => options.log.write('dropped', { events: [describeEvent(tape, row)] });
    this.player = new Player(tape, this.order, this, { speed: options.speed, clock });
    this.requestFaults = new RequestFaults(this.faults, seed, clock);
    this.strikes = new StrikePlan(this.faults, tape.length, seed);
    this.frameFaults = new FrameFaults(this.faults, seed);
    this.startRule = options.start ?? (definition.hasStream ? 'subscribe' : 'request');
    this.history = new TapeHistory(tape, () => this.visibleRows());
    const skewUs = (this.faults.get('clock-skew')?.seconds ?? 0) * US_PER_SECOND;
    this.provider = definition.create({
      tape,
      history: this.history,
      symbols: new WireSymbols(tape),
      keys: keyCheck(options.key, options.secret, this.faults.has('wrong-key')),
      hasRoom: () => this.hasRoom(),
      symbolLimit: this.faults.get('symbol-limit')?.count ?? Number.POSITIVE_INFINITY,
      nowUs: () => this.nowUs(),
      stampUs: () => Math.round((this.nowUs() as number) + skewUs),
    });
    this.server = new SimulatorServer(this, options.tls);
  }

  /** @returns the port it listens on. */
  async listen(port: number): Promise<number> {
    const bound = await this.server.listen(port);
    this.options.log.write('listening', { port: bound, rows: this.tape.length, faults: this.faults.kinds() });
    const { pingMs } = this.provider;
    if (pingMs !== undefined) {
      this.pingTimer = setInterval(() => {
        for (const client of this.clients.keys()) client.ping();
      }, pingMs);
    }
    if (this.startRule === 'launch') this.start('launch');
    return bound;
  }

  async close(): Promise<void> {
    clearTimeout(this.settleTimer);
    clearInterval(this.pingTimer);
    await this.player.stop();
    for (const client of this.clients.keys()) client.cut();
    await this.server.close();
    this.options.log.write('closed', this.counters());
    await this.options.log.close();
  }

  /** What has happened so far. */
  counters(): Readonly<Record<string, number>> {
    return {
      ...this.order.counters,
      played: this.order.played,
      requests: this.requests,
      connections: this.nextConnection - 1,
    };
  }

  dateMs(): number {
    const skewMs = (this.faults.get('clock-skew')?.seconds ?? 0) * 1_000;
    return (this.options.clock.nowUs() as number) / 1_000 + skewMs;
  }

  async answer(request: RestRequest): Promise<RestAnswer> {
    this.requests++;
    const struck = this.requestFaults.strike();
    const slowMs = (this.faults.get('slow')?.seconds ?? 0) * 1_000;
    if (slowMs > 0) await this.options.clock.sleep(slowMs);
    let answer: RestAnswer;
    if (struck !== undefined) {
      const word = struck.fault === 'quota' ? 'quota' : struck.fault === '5xx' ? 'server' : 'rate';
      const headers = struck.retryAfterS === undefined ? {} : { 'retry-after': String(struck.retryAfterS) };
      answer = { status: struck.status, body: this.provider.refusal(word, struck.status), headers };
    } else {
      if (this.startRule === 'request') this.start('request');
      answer = this.provider.answer(request) ?? { status: 404, body: { error: `no such path: ${request.path}` } };
    }
    const fault = struck === undefined ? {} : { fault: struck.fault };
    this.options.log.write('request', {
      method: request.method,
      url: maskedUrl(request),
      status: answer.status,
      ...fault,
    });
    return answer;
  }

  handshake(request: RestRequest): RestAnswer | undefined {
    const refusal =
      this.provider.connect === undefined
        ? { status: 404, body: { error: 'no stream here' } }
        : this.provider.refuseHandshake?.(request);
    if (refusal !== undefined) this.options.log.write('refused', { url: maskedUrl(request), status: refusal.status });
    return refusal;
  }

  connected(request: RestRequest, socket: WebSocket, wire: Duplex): ClientHandler {
    const { clock, log } = this.options;
    const connection = new StreamConnection(this.nextConnection++, request, socket, wire, {
      clock,
      log,
      faults: this.faults,
      frameFaults: this.frameFaults,
      unknownShape: (of) => this.unknownShape(of),
    });
    log.write('connected', { conn: connection.id, url: maskedUrl(request) });
    const session = this.openSession(connection);
    return {
      receive: (frame) => session?.receive(frame),
      closed: (code) => {
        connection.closed();
        this.clients.delete(connection);
        log.write('disconnected', { conn: connection.id, code });
      },
    };
  }

  deliver(rows: readonly number[]): void {
    for (const [connection, session] of this.clients) {
      if (!connection.isClosed) session.deliver(rows);
    }
    for (const kind of this.strikes.globalStrikes(this.order.played)) {
      for (const connection of this.clients.keys()) connection.strike(kind, this.stallSeconds());
    }
  }

  /** At full speed nobody may fall far behind; at a pace the clock does not wait for anyone. */
  async settled(): Promise<void> {
    await this.options.log.settled();
    for (const client of this.clients.keys()) this.strikeConnection(client);
    if (Number.isFinite(this.options.speed)) return;
    let waitedMs = 0;
    while (waitedMs < MOST_BEHIND_MS && [...this.clients.keys()].some((client) => client.isCongested)) {
      for (const client of this.clients.keys()) this.strikeConnection(client);
      await this.options.clock.sleep(BEHIND_STEP_MS);
      waitedMs += BEHIND_STEP_MS;
    }
    if (waitedMs < MOST_BEHIND_MS) return;
    for (const client of this.clients.keys()) if (client.isCongested) client.cut();
  }

  ended(): void {
    this.options.log.write('ended', this.counters());
    this.options.onEnded?.();
  }

  private openSession(connection: StreamConnection): StreamSession | undefined {
    const session = this.provider.connect?.(this.peerOf(connection));
    if (session === undefined) return undefined;
    this.clients.set(connection, session);
    session.open();
    return session;
  }

  private peerOf(connection: StreamConnection): Peer {
    const { log } = this.options;
    return {
      request: connection.request,
      send: (frame) => connection.send(frame),
      sendData: (frame, rows) =>
        connection.sendData(frame, log.isOn ? rows.map((row) => describeEvent(this.tape, row)) : [], rows.length),
      close: (code, reason) => connection.close(code, reason),
      note: (type, fields) => log.write(type, { conn: connection.id, ...(log.isOn ? maskedFields(fields) : {}) }),
      admit: () => this.admit(connection),
      subscribed: (symbols) => {
        if (symbols > 0 && this.startRule === 'subscribe') this.startWhenSettled();
      },
      after: (ms, then) => {
        void this.options.clock.sleep(ms).then(() => {
          if (!connection.isClosed) then();
        });
      },
    };
  }

  private admit(connection: StreamConnection): boolean {
    connection.isAdmitted = this.hasRoom(connection);
    return connection.isAdmitted;
  }

  private hasRoom(asking?: StreamConnection): boolean {
    const limit = this.faults.get('connection-limit')?.count ?? Number.POSITIVE_INFINITY;
    // A connection that is made half-open is gone for its client, who could otherwise never come back.
    const others = [...this.clients.keys()].filter((other) => other !== asking && other.holdsPlace);
    if (others.length < limit) return true;
    this.options.log.write('fault', {
      ...(asking === undefined ? {} : { conn: asking.id }),
      fault: 'connection-limit',
    });
    return false;
  }

  private strikeConnection(connection: StreamConnection): void {
    for (const kind of this.strikes.strikes(connection.view(this.order.played))) {
      connection.strike(kind, this.stallSeconds());
    }
  }

  private stallSeconds(): number {
    return this.faults.get('stall')?.seconds ?? 0;
  }

  private unknownShape(connection: StreamConnection): string | Uint8Array | undefined {
    const shapes = this.provider.unknownShapes ?? [{ type: 'novelty', data: { a: [1, { b: null }] } }, [], 42];
    const shape = this.frameFaults.unknownShape(shapes);
    if (shape === undefined) return undefined;
    return this.provider.encodeShape?.(shape, connection.request) ?? JSON.stringify(shape);
  }

  private startWhenSettled(): void {
    if (this.player.isStarted) return;
    clearTimeout(this.settleTimer);
    this.settleTimer = setTimeout(() => this.start('subscribe'), this.options.settleMs ?? SETTLE_MS);
  }

  private start(by: StartRule): void {
    if (this.player.isStarted) return;
    if (this.options.rebase === true) {
      this.tape.moveTo(this.options.clock.nowUs());
      this.history.forget();
    }
    this.options.log.write('started', { by, first_us: this.tape.firstUs, last_us: this.tape.lastUs });
    this.player.start();
  }

  private visibleRows(): number {
    return this.isWhole() ? this.tape.length : this.order.played;
  }

  /** True while the tape is finished history: nothing of it is being played, or it is played in no time. */
  private isWhole(): boolean {
    const { history, rebase, speed } = this.options;
    if (history !== undefined) return history === 'all';
    if (this.player.isStarted) return this.startRule === 'request' && !Number.isFinite(speed);
    return rebase !== true;
  }

  private nowUs(): Micros {
    if (!this.player.isStarted && this.options.rebase === true) return this.options.clock.nowUs();
    return this.isWhole() ? this.tape.lastUs : this.player.nowUs();
  }
}
