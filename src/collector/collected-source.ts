import { TickloomError, UsageError } from '../base/index.ts';
import { type EventBatch, EventKind, type Instrument, type StatusPayload } from '../model/index.ts';
import type {
  Source,
  SourceCapabilities,
  SourceError,
  SourcePeers,
  StreamProtocol,
  StreamStart,
} from '../sources/index.ts';
import { BackOff } from './back-off.ts';
import type { CollectedSourceOptions } from './collected-source-options.ts';
import { HoleRepair } from './hole-repair.ts';
import { checkHope } from './hopeless-end.ts';
import { pastTrades } from './past-trades.ts';
import { RowCollector, withoutRows } from './row-collector.ts';
import { type ConnectionEnd, type ConnectionState, StreamConnection } from './stream-connection.ts';

/** Batches that wait for the engine; beyond it the socket is not read on (policy `block`), below the half it is. */
const MAX_WAITING = 256;
/** Longest wait for the answer which symbols there are; one that comes later still ends the program. */
const SYMBOL_CHECK_MS = 5_000;
/** The limit for silence grows up to this many times the protocol's, while nothing at all comes. */
const MAX_SILENCE_FACTOR = 32;

/**
 * A provider's stream as a source of events: connects, authenticates, subscribes, notices when it has gone or only
 * seems to be there, comes back with jittered backoff, and has what was missed brought from history.
 */
export class CollectedSource implements Source {
  readonly id: string;
  readonly capabilities: SourceCapabilities;
  private readonly options: CollectedSourceOptions;
  private readonly protocol: StreamProtocol;
  private readonly sourceId: number;
  private readonly rows: RowCollector;
  private repair: HoleRepair | undefined;
  private connection: StreamConnection | undefined;
  private isPaused = false;
  private wake: (() => void) | undefined;
  private recvUs = 0;
  /** Event time of the newest trade and when it came, for times where no event is. */
  private newestUs = Number.NaN;
  private newestMs = 0;
  private wasEverLive = false;
  private silenceFactor = 1;
  private lastError: SourceError | undefined;
  private peers: SourcePeers | undefined;

  constructor(options: CollectedSourceOptions) {
    const { adapter, universe, log } = options;
    if (adapter.stream === undefined) throw new TickloomError('invariant', `${adapter.id} has no stream.`);
    this.options = options;
    this.protocol = adapter.stream;
    this.id = adapter.id;
    this.capabilities = adapter.capabilities;
    this.sourceId = universe.sources.intern(adapter.id);
    this.rows = new RowCollector({
      sourceId: this.sourceId,
      onShape: ({ reason, detail }) =>
        log.warn('unknown_frame', `a frame could not be read (${reason}: ${detail}); it is in quarantine`, {
          source: adapter.id,
        }),
    });
  }

  instruments(): readonly Instrument[] {
    return this.options.adapter.instruments();
  }

  /** It is one of several: what it is not wanted for it does not repair, and it tries for ever to reach its host. */
  join(peers: SourcePeers): void {
    this.peers = peers;
  }

  fill(symbol: string, fromUs: number, toUs: number): boolean {
    return this.repair?.fillRange(symbol, fromUs, toUs) ?? false;
  }

  forget(symbol: string): void {
    this.repair?.forget(symbol);
  }

  /** Breaker, quota and latest failure, for people. */
  health(): ReturnType<NonNullable<Source['health']>> {
    const { requests } = this.options;
    return {
      breaker: requests?.breaker ?? 'closed',
      quota: requests?.remaining(),
      lastError: newer(this.lastError, requests?.lastError),
    };
  }

  /**
   * Events until `signal` is aborted.
   * @throws UsageError for symbols that the provider does not carry and for a source that was never reached;
   * TickloomError `source-refused` where only a person can help.
   */
  async *stream(signal: AbortSignal, start: StreamStart): AsyncGenerator<EventBatch> {
    const { adapter, requests, universe, clock, log } = this.options;
    const symbols = adapter.symbols.all;
    if (symbols.length > this.protocol.maxSymbols) {
      throw new UsageError(`symbols: ${this.id} streams at most ${this.protocol.maxSymbols}, not ${symbols.length}.`, {
        subject: 'symbols',
      });
    }
    this.newestUs = Math.max(Number.NEGATIVE_INFINITY, ...(start.afterEventUs?.values() ?? []));
    this.newestMs = clock.monotonicMs();
    if (this.options.follow !== undefined && Number.isFinite(this.newestUs)) this.recvUs = this.newestUs;
    const ended = new AbortController();
    const running = AbortSignal.any([signal, ended.signal]);
    this.repair = new HoleRepair(
      {
        adapter,
        requests,
        universe,
        sourceId: this.sourceId,
        clock,
        log,
        stampUs: () => this.stampUs(),
        eventNowUs: () => this.eventNowUs(),
        deliver: (batch) => this.deliver(batch),
        isWanted: (symbol) => this.peers?.isServing(symbol) !== false,
      },
      start,
    );
    let failure: unknown;
    const fail = (error: unknown): void => {
      failure ??= error;
      this.wake?.();
    };
    const checking = (requests?.checkSymbols(symbols, running) ?? Promise.resolve()).catch(fail);
    await Promise.race([checking, clock.sleep(SYMBOL_CHECK_MS, running)]);
    const hasFailed = failure !== undefined;
    const repairing = hasFailed ? undefined : this.repair.run(running);
    const connecting = hasFailed ? undefined : this.keepConnected(running).catch(fail);
    try {
      while (!signal.aborted && failure === undefined) {
        const batch = this.rows.filled.shift();
        if (batch === undefined) {
          await this.untilWoken(signal);
          continue;
        }
        if (this.isPaused && this.rows.filled.length < MAX_WAITING / 2) this.readOn();
        yield batch;
        this.rows.recycle(batch);
      }
      if (failure !== undefined) throw failure;
    } finally {
      ended.abort();
      this.connection?.stop('stopped');
      await Promise.all([repairing, connecting, checking]);
      await requests?.close();
    }
  }

  private untilWoken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.wake = undefined;
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.wake = wake;
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  private readOn(): void {
    this.isPaused = false;
    this.connection?.resume();
  }

  /** One connection after the other, never two at a time. */
  private async keepConnected(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    const backOff = new BackOff(clock.nowUs());
    for (let attempt = 1; !signal.aborted; attempt++) {
      const end = await this.oneConnection(signal);
      if (signal.aborted) return;
      const code = end.systemCode ?? (end.isMute ? 'mute' : 'stream-ended');
      this.lastError = { code, message: `The stream ended: ${end.reason}.`, atUs: clock.nowUs() };
      checkHope(end, {
        id: this.id,
        symbols: this.options.adapter.symbols.all,
        keyHint: this.options.keyHint,
        wasEverLive: this.wasEverLive,
        isAlone: this.peers === undefined,
        attempt,
      });
      backOff.ended(end.deliveredMs);
      const isPlain = end.remedy === 'at-once' && end.deliveredMs > 0;
      const waitMs = isPlain
        ? 0
        : backOff.next(end.remedy === 'wait' ? (end.retryAfterMs ?? 30_000) : end.retryAfterMs);
      log.warn('stream_ended', `the stream ended (${end.reason}); next attempt in ${Math.round(waitMs)} ms`, {
        source: this.id,
      });
      await clock.sleep(waitMs, signal);
    }
  }

  private async oneConnection(signal: AbortSignal): Promise<ConnectionEnd> {
    const { adapter, clock, log, ca, silenceMs } = this.options;
    const framesBefore = this.frames;
    const connection = new StreamConnection({
      protocol: this.protocol,
      symbols: adapter.symbols.all,
      clock,
      log: log.child({ source: this.id }),
      silenceMs: (silenceMs ?? this.protocol.silenceMs) * this.silenceFactor,
      rows: this.rows,
      ...(ca === undefined ? {} : { ca }),
      onState: (state) => this.onState(state),
      onFrame: (read) => this.onFrame(read),
    });
    this.connection = connection;
    const stop = (): void => connection.stop('stopped');
    signal.addEventListener('abort', stop, { once: true });
    const end = await connection.ended;
    signal.removeEventListener('abort', stop);
    this.connection = undefined;
    this.isPaused = false;
    if (this.isLive) {
      this.isLive = false;
      this.status('disconnected', end.reason);
      this.repair?.lost(end.isMute ? 'mute' : 'disconnect');
    }
    // A market in which nothing happens is no fault: after silence the next one may last longer.
    if (this.frames > framesBefore) this.silenceFactor = 1;
    else if (end.isMute) this.silenceFactor = Math.min(MAX_SILENCE_FACTOR, 2 * this.silenceFactor);
    return end;
  }

  private isLive = false;
  private frames = 0;

  private onState(state: ConnectionState): void {
    this.options.log.debug('stream_state', `the stream is ${state}`, { source: this.id });
    if (state !== 'live') return;
    this.status('connected', this.wasEverLive ? 'reconnected' : 'started');
    this.isLive = true;
    this.wasEverLive = true;
    this.repair?.connected();
  }

  /** Reads a frame, then notes its trades and takes out those that a repair has already delivered. */
  private onFrame(read: (recvUs: number) => void): void {
    const { rows } = this;
    // Answers to our own messages say nothing about the market.
    if (this.isLive) this.frames++;
    const first = Math.max(0, rows.filled.length - 1);
    const firstRow = rows.filled[first]?.length ?? 0;
    const { rejected, damaged } = rows;
    const recvUs = this.stampUs();
    rows.begin(recvUs);
    read(recvUs);
    if (rows.rejected > rejected) this.repair?.damaged(rows.damaged > damaged);
    for (let i = first; i < rows.filled.length; i++) this.noteRows(i, i === first ? firstRow : 0);
    this.afterRows();
  }

  private noteRows(index: number, from: number): void {
    const batch = this.rows.filled[index] as EventBatch;
    const { follow } = this.options;
    let overtaken: Set<number> | undefined;
    for (let row = from; row < batch.length; row++) {
      const tsUs = batch.tsEventUs[row] as number;
      if (follow !== undefined) {
        this.followRow(batch, row);
        batch.tsRecvUs[row] = this.recvUs;
      }
      if (batch.kind[row] !== EventKind.Trade) continue;
      if (!(tsUs <= this.newestUs)) this.newestUs = tsUs;
      if (this.repair?.note(batch, row) === false) {
        overtaken ??= new Set();
        overtaken.add(row);
      }
    }
    if (batch.length > from) this.newestMs = this.options.clock.monotonicMs();
    if (overtaken !== undefined) this.rows.filled[index] = withoutRows(batch, overtaken);
  }

  /** Takes rows of a repair, received now. History may be ahead of the stream, which has just come back. */
  private deliver(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) {
      this.followRow(batch, row);
      const to = this.rows.batch();
      const at = to.copyRow(batch, row);
      to.tsRecvUs[at] = this.stampUs();
    }
    this.afterRows();
  }

  /** Where receive times follow event times: takes one that lies ahead. */
  private followRow(batch: EventBatch, row: number): void {
    const { follow } = this.options;
    const tsUs = batch.tsEventUs[row] as number;
    if (follow === undefined || tsUs <= this.recvUs) return;
    this.recvUs = tsUs;
    follow(tsUs);
  }

  private afterRows(): void {
    if (!this.isPaused && this.rows.filled.length > MAX_WAITING) {
      this.isPaused = true;
      this.connection?.pause();
    }
    if (this.rows.filled.length > 0) this.wake?.();
  }

  /** Receive times never go backwards. */
  private stampUs(): number {
    if (this.options.follow === undefined) this.recvUs = Math.max(this.recvUs, this.options.clock.nowUs());
    return this.recvUs;
  }

  /** About what time it is where the events come from: a tape that is played again has times of its own. */
  private eventNowUs(): number {
    const { clock, follow } = this.options;
    if (!Number.isFinite(this.newestUs)) return follow === undefined ? clock.nowUs() : this.recvUs;
    const sinceUs = Math.round((clock.monotonicMs() - this.newestMs) * 1_000);
    return Math.min(clock.nowUs(), this.newestUs + sinceUs);
  }

  private status(state: StatusPayload['state'], reason: string): void {
    const payload: StatusPayload = { type: 'status', state, reason };
    this.rows.batch().addPayload(EventKind.Status, -1, this.sourceId, this.eventNowUs(), this.stampUs(), payload);
    this.afterRows();
  }

  /** Past trades of one symbol, ascending. */
  history(symbol: string, fromUs: number, toUs: number): AsyncIterable<EventBatch> {
    const { adapter, requests, clock } = this.options;
    return pastTrades({ adapter, requests, clock, sourceId: this.sourceId }, symbol, fromUs, toUs);
  }
}

function newer(a: SourceError | undefined, b: SourceError | undefined): SourceError | undefined {
  return a === undefined || (b !== undefined && b.atUs > a.atUs) ? b : a;
}
