import { TickloomError, UsageError } from '../base/index.ts';
import type { Clock, Log } from '../host/index.ts';
import { type EventBatch, EventKind, type Instrument, type StatusPayload, type Universe } from '../model/index.ts';
import type {
  Adapter,
  HistoryQuery,
  PollProtocol,
  Source,
  SourceCapabilities,
  SourcePeers,
  StreamStart,
} from '../sources/index.ts';
import { NewsFilter } from './news-filter.ts';
import { pastTrades } from './past-trades.ts';
import { leastRoundMs } from './poll-pace.ts';
import { RowCollector } from './row-collector.ts';
import type { SourceRequests } from './source-requests.ts';

/** Failed rounds, before the first good one, after which the program gives up. */
const FIRST_ROUNDS = 3;
/** Failed rounds in a row that count as an outage. */
const OUTAGE_ROUNDS = 3;
/** Pause after a round in which nothing could be asked. */
const PAUSE_MS = 5_000;
/** How often a source that nobody needs looks whether it is needed. */
const IDLE_MS = 200;

export interface PolledSourceOptions {
  readonly adapter: Adapter;
  readonly requests: SourceRequests;
  readonly universe: Universe;
  readonly clock: Clock;
  /** `source`: receive times follow the event times. Told of every event time that lies ahead. */
  readonly follow?: (tsEventUs: number) => void;
  readonly log: Log;
  /** Time between two rounds, unless the provider's own is longer. */
  readonly intervalMs: number;
}

/**
 * A provider that is asked again and again as a source of events. Rounds never overlap; within a round the symbols are
 * asked for concurrently, as far as the plan allows. Only what is new goes on.
 */
export class PolledSource implements Source {
  readonly id: string;
  readonly capabilities: SourceCapabilities;
  readonly isPolled = true;
  private peers: SourcePeers | undefined;
  private readonly options: PolledSourceOptions;
  private readonly poll: PollProtocol;
  private readonly sourceId: number;
  private readonly news = new NewsFilter();
  /** Symbols that the provider refused: they are left out. */
  private readonly refused = new Set<string>();
  private recvUs = 0;
  private wasEverLive = false;
  private isLive = false;
  private failedRounds = 0;
  /** Where a round begins: after a spent quota with the symbols that it did not reach. */
  private firstGroup = 0;

  constructor(options: PolledSourceOptions) {
    const { adapter, universe } = options;
    if (adapter.poll === undefined) throw new TickloomError('invariant', `${adapter.id} can not be polled.`);
    this.options = options;
    this.poll = adapter.poll;
    this.id = adapter.id;
    this.capabilities = adapter.capabilities;
    this.sourceId = universe.sources.intern(adapter.id);
  }

  instruments(): readonly Instrument[] {
    return this.options.adapter.instruments();
  }

  /** It is one of several: it asks for the symbols only that it serves, and gives way at once when it can not. */
  join(peers: SourcePeers): void {
    this.peers = peers;
  }

  /** Breaker, quota and latest failure, for people. */
  health(): ReturnType<NonNullable<Source['health']>> {
    const { requests } = this.options;
    return { breaker: requests.breaker, quota: requests.remaining(), lastError: requests.lastError };
  }

  /**
   * Events until `signal` is aborted.
   * @throws UsageError for symbols that the provider does not carry, for refused keys, and for a source that was never
   * reached.
   */
  async *stream(signal: AbortSignal, start: StreamStart): AsyncGenerator<EventBatch> {
    const { adapter, requests, universe, clock } = this.options;
    for (const [symbol, lastUs] of start.afterEventUs ?? []) this.news.begin(universe.intern(symbol), lastUs as number);
    try {
      for (let round = 1; !signal.aborted; round++) {
        const startedMs = clock.monotonicMs();
        const groups = this.groups();
        if (groups.length === 0) {
          // Another source serves everything: to be ready when it fails.
          await clock.sleep(IDLE_MS, signal);
          continue;
        }
        let failure: unknown;
        let reached = 0;
        for (let at = 0; at < groups.length && !signal.aborted; at += adapter.limits.concurrent) {
          const asked = groups.slice(at, at + adapter.limits.concurrent).map((group) => this.ask(group, signal));
          for (const answer of await Promise.all(asked)) {
            if (answer.failure === undefined) yield* this.outOf(answer.rows);
            else failure ??= answer.failure;
            if (failure === undefined) reached++;
          }
          // What is asked after a spent quota gets the same answer.
          if (isSpent(failure)) break;
        }
        const all = this.allGroups().length;
        this.firstGroup = isSpent(failure) && all > 0 ? (this.firstGroup + reached) % all : 0;
        if (signal.aborted) return;
        if (failure === undefined) this.failedRounds = 0;
        else {
          yield* this.failed(failure, round);
          await clock.sleep(PAUSE_MS, signal);
        }
        const roundCost = groups.reduce((sum, group) => sum + (this.poll.query(group).request.cost ?? 1), 0);
        const everyMs = Math.max(
          this.options.intervalMs,
          this.poll.everyMs,
          isSpent(failure) ? 0 : leastRoundMs(adapter.limits, roundCost),
        );
        await clock.sleep(Math.max(0, everyMs - (clock.monotonicMs() - startedMs)), signal);
      }
    } finally {
      await requests.close();
    }
  }

  /** Symbols by request, in the order of this round. */
  private groups(): readonly (readonly string[])[] {
    const groups = this.allGroups();
    const first = this.firstGroup < groups.length ? this.firstGroup : 0;
    return [...groups.slice(first), ...groups.slice(0, first)];
  }

  private allGroups(): readonly (readonly string[])[] {
    const symbols = this.options.adapter.symbols.all.filter(
      (symbol) => !this.refused.has(symbol) && this.peers?.isServing(symbol) !== false,
    );
    const groups: string[][] = [];
    for (let at = 0; at < symbols.length; at += this.poll.maxSymbols) {
      groups.push(symbols.slice(at, at + this.poll.maxSymbols));
    }
    return groups;
  }

  /** Asks for one group, page by page. A failure is an answer, so that the others of the round still count. */
  private async ask(
    group: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly rows: RowCollector; readonly failure?: unknown }> {
    const { requests, clock, log, adapter } = this.options;
    const rows = new RowCollector({
      sourceId: this.sourceId,
      onShape: ({ reason, detail }) =>
        log.warn('unknown_answer', `an answer could not be read (${reason}: ${detail}); it is in quarantine`, {
          source: adapter.id,
        }),
    });
    try {
      let query: HistoryQuery | undefined = this.poll.query(group);
      while (query !== undefined && !signal.aborted) {
        const answer = await requests.ask(query.request, signal);
        const nowUs = clock.nowUs();
        rows.begin(nowUs);
        query = query.read(answer, nowUs, rows);
      }
    } catch (failure) {
      const isSymbol = failure instanceof TickloomError && failure.code === 'refused-symbol' && group.length === 1;
      if (!isSymbol) return { rows, failure };
      this.refuse(group[0] as string, failure.message);
    }
    for (const outcome of rows.outcomes.splice(0)) {
      if (outcome.type === 'error') log.warn('poll_refused', outcome.message, { source: this.id, code: outcome.code });
    }
    return { rows };
  }

  /** Leaves a symbol out from now on. @throws UsageError when none is left before the first answer. */
  private refuse(symbol: string, reason: string): void {
    this.refused.add(symbol);
    this.options.log.warn('symbol_refused', `${symbol} is left out (${reason})`, { source: this.id });
    if (this.wasEverLive || this.peers !== undefined || this.groups().length > 0) return;
    throw new UsageError(`symbols: ${this.id} does not carry ${[...this.refused].join(', ')} (${reason}).`, {
      subject: 'symbols',
    });
  }

  /** The news of an answer, received now. */
  private *outOf(answered: RowCollector): Generator<EventBatch> {
    const news = new RowCollector({ sourceId: this.sourceId });
    if (!this.isLive) {
      this.status(news, 'connected', this.wasEverLive ? 'answers again' : 'started');
      this.isLive = true;
      this.wasEverLive = true;
    }
    for (const batch of answered.filled) {
      for (let row = 0; row < batch.length; row++) {
        if (!this.news.isNews(batch, row)) continue;
        const to = news.batch();
        const at = to.copyRow(batch, row);
        to.tsRecvUs[at] = this.receiptOf(batch, row);
      }
    }
    yield* news.filled;
  }

  /** Receive times never go backwards; a bar is received after its end. */
  private receiptOf(batch: EventBatch, row: number): number {
    const { follow, clock } = this.options;
    const lengthUs = batch.kind[row] === EventKind.SourceBar ? (batch.p7[row] as number) : 0;
    const knownUs = follow === undefined ? clock.nowUs() : (batch.tsEventUs[row] as number) + lengthUs;
    if (knownUs > this.recvUs) {
      this.recvUs = knownUs;
      follow?.(knownUs);
    }
    return this.recvUs;
  }

  /** @throws where another round would be of no use. */
  private *failed(failure: unknown, round: number): Generator<EventBatch> {
    if (!(failure instanceof TickloomError) || failure instanceof UsageError) throw failure;
    if (failure.code === 'refused') {
      throw new UsageError(`source: ${failure.message.replace(/\.+$/, '')}.`, { subject: 'source', cause: failure });
    }
    const isUnreached = failure.code === 'http-failed' || failure.code === 'http-timeout';
    if (isUnreached && !this.wasEverLive && round >= FIRST_ROUNDS && this.peers === undefined) {
      const hint = `see the network, or sources.${this.id}.rest_url`;
      throw new UsageError(`source: ${failure.message} (${hint}).`, { subject: 'source', cause: failure });
    }
    this.options.log.warn('poll_failed', failure.message, { source: this.id, code: failure.code });
    this.failedRounds++;
    const isSure = this.peers !== undefined && (isSpent(failure) || failure.code === 'breaker-open');
    const isOutage = this.failedRounds >= OUTAGE_ROUNDS || isSure;
    if (!isOutage || !(this.isLive || this.peers !== undefined)) return;
    this.isLive = false;
    const news = new RowCollector({ sourceId: this.sourceId, capacity: 1 });
    this.status(news, 'disconnected', failure.code);
    yield* news.filled;
  }

  private status(to: RowCollector, state: StatusPayload['state'], reason: string): void {
    if (this.options.follow === undefined) this.recvUs = Math.max(this.recvUs, this.options.clock.nowUs());
    const payload: StatusPayload = { type: 'status', state, reason };
    to.batch().addPayload(EventKind.Status, -1, this.sourceId, this.recvUs, this.recvUs, payload);
  }

  /** Past values of one symbol, ascending. */
  history(symbol: string, fromUs: number, toUs: number): AsyncIterable<EventBatch> {
    const { adapter, requests, clock } = this.options;
    return pastTrades({ adapter, requests, clock, sourceId: this.sourceId }, symbol, fromUs, toUs);
  }
}

function isSpent(failure: unknown): boolean {
  return failure instanceof TickloomError && failure.code === 'quota-spent';
}
