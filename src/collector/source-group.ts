import { TickloomError } from '../base/index.ts';
import type { Clock, Log } from '../host/index.ts';
import { type EventBatch, EventKind, type Instrument, type Universe } from '../model/index.ts';
import type { Source, SourceCapabilities, SourceMember, StreamStart } from '../sources/index.ts';
import type { ConsensusSettings } from './consensus.ts';
import { ConsensusWatch } from './consensus-watch.ts';
import { GroupMember } from './group-member.ts';
import { GroupNotices } from './group-notices.ts';
import { RowCollector } from './row-collector.ts';
import { Serving } from './serving.ts';
import { SymbolService } from './symbol-service.ts';

/** Batches that wait for the engine; beyond it no source is asked for more (policy `block`), below the half they are. */
const MAX_WAITING = 256;
const LOOK_MS = 100;

export interface SourceGroupOptions {
  /** In the order of priority, two or more. */
  readonly sources: readonly Source[];
  readonly universe: Universe;
  readonly clock: Clock;
  /** `clock: source`: told of every receive time that lies ahead. */
  readonly follow?: (tsUs: number) => void;
  readonly log: Log;
  /** A better source serves again after it was healthy for this long. */
  readonly failBackMs: number;
  /** Silence of the source that serves, while another one goes on, after which that one serves. */
  readonly stallMs: number;
  /** How far behind the others, in event time, a source may be that takes over without need. */
  readonly maxLagUs: number;
  /** Wait at the start for those with more priority. */
  readonly graceMs: number;
  /** `undefined`: prints are not compared. */
  readonly consensus: ConsensusSettings | undefined;
}

/**
 * Several sources as one: each symbol is served by one of them at a time, the others stand by. See docs/sources.md,
 * "Several sources at once".
 */
export class SourceGroup implements Source {
  readonly id: string;
  readonly capabilities: SourceCapabilities;
  /** Rows of the serving source that the one before had delivered. */
  overtaken = 0;
  private readonly options: SourceGroupOptions;
  private readonly group: readonly GroupMember[];
  private readonly services = new Map<number, SymbolService>();
  private readonly rows: RowCollector;
  private readonly serving: Serving;
  private readonly consensus: ConsensusWatch | undefined;
  private recvUs = 0;
  private wakers: (() => void)[] = [];
  private failure: unknown;

  constructor(options: SourceGroupOptions) {
    const { sources, universe } = options;
    this.options = options;
    this.id = sources.map(({ id }) => id).join('+');
    this.group = sources.map((source, rank) => new GroupMember(source, rank, universe));
    const all = sources.map(({ capabilities }) => capabilities);
    this.capabilities = {
      kinds: [...new Set(all.flatMap(({ kinds }) => kinds))],
      live: true,
      history: all.some(({ history }) => history),
      tradeIds: 'none',
      needsKey: all.some(({ needsKey }) => needsKey),
      faults: false,
    };
    for (const { symbol } of this.instruments()) {
      const id = universe.intern(symbol);
      const carriers = this.group.filter(({ symbols }) => symbols.has(id));
      this.services.set(id, new SymbolService(id, symbol, carriers));
    }
    this.rows = new RowCollector({ sourceId: 0 });
    const notices = new GroupNotices(this.rows, options.log, () => this.stampNow());
    const put = (batch: EventBatch, row: number): void => this.put(batch, row, true);
    this.serving = new Serving({ ...options, group: this.group, services: this.services, notices, put });
    this.consensus =
      options.consensus === undefined
        ? undefined
        : new ConsensusWatch(options.consensus, {
            release: put,
            refuse: (batch, row, evidence) => notices.refused(batch, row, evidence),
            diverged: (divergence) => notices.diverged(divergence),
          });
    for (const member of this.group) {
      const isServing = (symbol: string): boolean => {
        const { serving } = this.services.get(universe.intern(symbol)) as SymbolService;
        return serving === member || (serving === undefined && member.source.isPolled !== true);
      };
      member.source.join?.({ isServing });
    }
  }

  /** Everything that any of them carries. */
  instruments(): readonly Instrument[] {
    const all = new Map<string, Instrument>();
    for (const { source } of this.group) {
      for (const instrument of source.instruments()) {
        if (!all.has(instrument.symbol)) all.set(instrument.symbol, instrument);
      }
    }
    return [...all.values()];
  }

  get members(): readonly SourceMember[] {
    return this.group.map(({ source, state, symbols, serves, takeOvers, failure }) => ({
      source,
      role: state === 'failed' ? 'failed' : serves > 0 ? 'serving' : 'stand-by',
      carries: symbols.size,
      serves,
      takeOvers,
      failure,
    }));
  }

  /** Past trades of the first source that has any. */
  history(symbol: string, fromUs: number, toUs: number): AsyncIterable<EventBatch> {
    const member = this.group.find(({ source }) => source.capabilities.history);
    if (member === undefined) throw new TickloomError('no-history', `None of ${this.id} has past trades.`);
    return member.source.history(symbol, fromUs, toUs);
  }

  /**
   * Events of all sources until `signal` is aborted.
   * @throws what the first of them failed with, when every one has failed for good.
   */
  async *stream(signal: AbortSignal, start: StreamStart): AsyncGenerator<EventBatch> {
    this.serving.start();
    this.resume(start);
    const ended = new AbortController();
    const running = AbortSignal.any([signal, ended.signal]);
    const wake = (): void => this.wakeAll();
    running.addEventListener('abort', wake);
    const work = this.group.map((member) =>
      this.collect(member, running, start.bySource?.get(member.source.id) ?? { afterUs: start.afterUs }),
    );
    work.push(this.watch(running));
    try {
      while (!signal.aborted && this.failure === undefined) {
        const batch = this.rows.filled.shift();
        if (batch === undefined) {
          await this.untilWoken();
          continue;
        }
        yield batch;
        this.rows.recycle(batch);
        if (this.rows.filled.length < MAX_WAITING / 2) this.wakeAll();
      }
      if (this.failure !== undefined) throw this.failure;
      this.consensus?.finish();
      yield* this.rows.filled.splice(0);
    } finally {
      ended.abort();
      await Promise.all(work);
    }
  }

  /** What the run before had: up to there everything counts as delivered. */
  private resume({ afterEventUs, bySource }: StreamStart): void {
    for (const service of this.services.values()) {
      const lastUs = afterEventUs?.get(service.symbol);
      if (lastUs === undefined) continue;
      service.tradeUs = lastUs;
      service.heldFrom = service.members.find(
        ({ source }) => bySource?.get(source.id)?.afterEventUs?.has(service.symbol) === true,
      );
    }
  }

  private untilWoken(): Promise<void> {
    return new Promise((resolve) => this.wakers.push(resolve));
  }

  private wakeAll(): void {
    for (const wake of this.wakers.splice(0)) wake();
  }

  private async collect(member: GroupMember, signal: AbortSignal, start: StreamStart): Promise<void> {
    const { log } = this.options;
    try {
      for await (const batch of member.source.stream(signal, start)) {
        this.take(member, batch);
        this.wakeAll();
        while (this.rows.filled.length > MAX_WAITING && !signal.aborted) await this.untilWoken();
      }
      if (!signal.aborted) throw new TickloomError('stream-ended', `${member.source.id} ended.`);
    } catch (error) {
      if (signal.aborted) return;
      member.failure = error instanceof Error ? error.message : String(error);
      member.disconnected(this.options.clock.monotonicMs(), 0);
      member.state = 'failed';
      log.error('source_failed', member.failure, { source: member.source.id });
      if (this.group.every(({ state }) => state === 'failed')) this.failure = error;
      this.serving.choose();
      this.wakeAll();
    }
  }

  private async watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      this.serving.choose();
      this.consensus?.look(clock.monotonicMs());
      if (this.rows.filled.length > 0) this.wakeAll();
    }
  }

  private take(member: GroupMember, batch: EventBatch): void {
    const nowMs = this.options.clock.monotonicMs();
    for (let row = 0; row < batch.length; row++) {
      const kind = batch.kind[row];
      const service = this.services.get(batch.symbol[row] as number);
      if (kind === EventKind.Status) this.onStatus(member, batch, row, nowMs);
      else if (service === undefined || kind === EventKind.Correction || kind === EventKind.Cancel) {
        // Amendments name a trade by the id of their own source: for one that another source delivered they find none.
        this.put(batch, row, true);
      } else if (kind === EventKind.Gap) this.serving.onGap(service, member, batch, row);
      else if (kind === EventKind.Malformed) this.put(batch, row, true);
      else this.takeData(service, member, batch, row, nowMs);
    }
  }

  private takeData(service: SymbolService, member: GroupMember, batch: EventBatch, row: number, nowMs: number): void {
    const tsUs = batch.tsEventUs[row] as number;
    member.note(tsUs);
    service.noteTold(member, batch, row);
    if (service.fills(member, batch, row)) {
      this.put(batch, row, true);
      return;
    }
    this.consensus?.note(service, member, batch, row);
    if (service.serving !== member) {
      member.held.add(batch, row);
      service.noteAhead(member, tsUs, nowMs);
      return;
    }
    service.noteServed();
    if (!service.takes(batch, row)) {
      this.overtaken++;
      return;
    }
    if (batch.kind[row] === EventKind.Trade && this.consensus?.holds(service, batch, row, nowMs) === true) return;
    this.put(batch, row, false);
  }

  /** Sends a row on. Receive times never go backwards; a row that was held is received now. */
  private put(batch: EventBatch, row: number, wasHeld: boolean): void {
    const { follow } = this.options;
    const to = this.rows.batch();
    const at = to.copyRow(batch, row);
    if (wasHeld && follow === undefined) this.stampNow();
    const recvUs = batch.tsRecvUs[row] as number;
    if (recvUs > this.recvUs) {
      this.recvUs = recvUs;
      follow?.(recvUs);
    }
    to.tsRecvUs[at] = this.recvUs;
  }

  private stampNow(): number {
    if (this.options.follow === undefined) this.recvUs = Math.max(this.recvUs, this.options.clock.nowUs());
    return this.recvUs;
  }

  private onStatus(member: GroupMember, batch: EventBatch, row: number, nowMs: number): void {
    this.put(batch, row, true);
    const payload = batch.payload[row];
    if (payload?.type !== 'status') return;
    if (payload.state === 'connected') member.connected(nowMs);
    else if (payload.state === 'disconnected') member.disconnected(nowMs, this.options.failBackMs);
    this.serving.choose();
  }
}
