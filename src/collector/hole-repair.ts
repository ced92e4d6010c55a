import { TickloomError } from '../base/index.ts';
import type { Clock, Log } from '../host/index.ts';
import { type EventBatch, EventKind, type GapPayload, type Universe } from '../model/index.ts';
import type { Adapter, HistoryQuery, HistoryRange, StreamStart } from '../sources/index.ts';
import { pastTrades } from './past-trades.ts';
import { RowCollector } from './row-collector.ts';
import type { SourceRequests } from './source-requests.ts';
import { SymbolTrades, type TradeMerger } from './symbol-trades.ts';

/** How long what seems missing may still come by itself: out of order, or because history is behind the stream. */
const GRACE_MS = 1_500;
const LOOK_MS = 100;
/** Times that history is asked for a hole of ids that it does not have yet. */
const MAX_TRIES = 4;
const LONGEST_PAUSE_MS = 30_000;
/** Cause of a hole that a damaged frame left. */
const BAD_FRAME = 'bad-frame';
/** Codes of failures that no later attempt mends. */
const FINAL = new Set(['refused', 'refused-symbol', 'foreign-link']);

export interface HoleRepairOptions {
  readonly adapter: Adapter;
  readonly requests: SourceRequests | undefined;
  readonly universe: Universe;
  readonly sourceId: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Time to stamp on what is delivered now. */
  stampUs(): number;
  /** About what time it is where the events come from. */
  eventNowUs(): number;
  /** Whether a symbol is to be repaired; where another source serves it, what is missing here is not missed. */
  isWanted?(symbol: string): boolean;
  /** Takes rows that go to the engine: the caller copies them. */
  deliver(batch: EventBatch): void;
}

interface SymbolState {
  readonly trades: SymbolTrades;
  readonly symbol: string;
  /** Stretches that the run before left unfilled; what is held of them only the engine knows. */
  inherited: readonly { readonly fromUs: number; readonly toUs: number }[];
  /** Monotonic time at which the repair is due; +Infinity when there is nothing to do, or no connection yet. */
  dueMs: number;
  tries: number;
  isBusy: boolean;
  recovered: number;
}

/**
 * Finds what a stream did not bring and fetches it from history. What came anyway is never delivered twice: told by
 * ids, or by the number of prints with equal time, price and size.
 */
export class HoleRepair {
  /** Trades brought back, and trades of the stream that were passed over because a repair had been faster. */
  recovered = 0;
  overtaken = 0;
  private readonly options: HoleRepairOptions;
  /** By instrument id. */
  private readonly states = new Map<number, SymbolState>();
  private isConnected = false;
  private busy = 0;

  constructor(options: HoleRepairOptions, start: StreamStart) {
    const { adapter, universe } = options;
    this.options = options;
    for (const symbol of adapter.symbols.all) {
      const trades = new SymbolTrades(symbol, adapter.capabilities.tradeIds);
      const lastUs = start.afterEventUs?.get(symbol);
      if (lastUs !== undefined) {
        trades.begin(lastUs, start.afterTradeIds?.get(symbol));
        trades.suspect('restart', true);
      }
      const inherited = start.missing?.get(symbol) ?? [];
      const state = {
        trades,
        symbol,
        inherited,
        dueMs: Number.POSITIVE_INFINITY,
        tries: 0,
        isBusy: false,
        recovered: 0,
      };
      this.states.set(universe.intern(symbol), state);
    }
  }

  /** Notes a trade of the stream; false when it is to be left out. */
  note(batch: EventBatch, row: number): boolean {
    const state = this.states.get(batch.symbol[row] as number);
    if (state === undefined) return true;
    const isNew = state.trades.note(batch, row);
    if (!isNew) this.overtaken++;
    else if (state.trades.hasHole && state.dueMs === Number.POSITIVE_INFINITY) this.setDue(state);
    return isNew;
  }

  private setDue(state: SymbolState): void {
    if (this.isConnected) state.dueMs = this.options.clock.monotonicMs() + GRACE_MS;
  }

  /** Fetches a stretch that is asked for, connected or not. False where there are no past trades. */
  fillRange(symbol: string, fromUs: number, toUs: number): boolean {
    const { adapter, requests, universe } = this.options;
    const state = this.states.get(universe.find(symbol) ?? -1);
    if (state === undefined || requests === undefined || adapter.history?.trades === undefined) return false;
    state.inherited = [...state.inherited, { fromUs, toUs }];
    state.dueMs = this.options.clock.monotonicMs();
    return true;
  }

  /** What may be missing of a symbol so far is no longer missed. */
  forget(symbol: string): void {
    const state = this.states.get(this.options.universe.find(symbol) ?? -1);
    if (state === undefined) return;
    state.trades.concludeHoles();
    state.trades.settle();
    if (state.inherited.length === 0) state.dueMs = Number.POSITIVE_INFINITY;
  }

  /** The connection is gone: from here on everything is in doubt. */
  lost(cause: string): void {
    this.isConnected = false;
    for (const state of this.states.values()) state.trades.suspect(cause, true);
  }

  /** The connection delivers again. */
  connected(): void {
    this.isConnected = true;
    for (const state of this.states.values()) {
      const { trades, inherited } = state;
      if (trades.doubt === undefined && !trades.hasHole && inherited.length === 0) continue;
      // What waited since an earlier connection waits no longer: the next one may be as short.
      if (state.dueMs === Number.POSITIVE_INFINITY) this.setDue(state);
    }
  }

  /** A frame could not be read: whatever was in it may be missing. @param isLoss it was damaged, not merely unheard of */
  damaged(isLoss: boolean): void {
    for (const state of this.states.values()) {
      state.trades.suspect(isLoss ? BAD_FRAME : 'unknown-frame', false);
      if (state.dueMs === Number.POSITIVE_INFINITY) this.setDue(state);
    }
  }

  /** Works off what is due until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, adapter } = this.options;
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal);
      const nowMs = clock.monotonicMs();
      for (const state of this.states.values()) {
        if (this.busy >= adapter.limits.concurrent) break;
        if (state.isBusy || state.dueMs > nowMs || signal.aborted) continue;
        if (!this.isConnected && state.inherited.length === 0) continue;
        void this.repair(state, signal);
      }
    }
  }

  private async repair(state: SymbolState, signal: AbortSignal): Promise<void> {
    const { log, adapter, clock } = this.options;
    state.isBusy = true;
    state.dueMs = Number.POSITIVE_INFINITY;
    this.busy++;
    try {
      const isDone = await this.fill(state, signal);
      if (isDone) state.tries = 0;
      else state.dueMs = clock.monotonicMs() + this.pauseMs(state);
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof Error ? error.message : String(error);
      const isFinal = !(error instanceof TickloomError) || FINAL.has(error.code);
      log.warn('repair_failed', 'a hole could not be filled', { source: adapter.id, symbol: state.symbol, reason });
      if (isFinal) this.giveUp(state);
      else state.dueMs = clock.monotonicMs() + this.pauseMs(state);
    } finally {
      state.isBusy = false;
      this.busy--;
    }
  }

  private pauseMs(state: SymbolState): number {
    return Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** Math.min(10, state.tries++));
  }

  /** Fetches everything that is wanted of a symbol; false when history does not have all of it yet. */
  private async fill(state: SymbolState, signal: AbortSignal): Promise<boolean> {
    const { adapter, requests } = this.options;
    const { trades } = state;
    const { doubt } = trades;
    const untilUs = this.options.eventNowUs();
    const askedUs = trades.lastUs;
    const isThere = this.isConnected;
    const wanted = trades.wanted(this.options.clock.nowUs());
    if (requests === undefined || adapter.history?.trades === undefined) {
      this.giveUp(state);
      return true;
    }
    await this.fillInherited(state, requests, signal);
    // While the stream is away the end of its hole is not known: what is fetched now would not be all of it.
    if (!isThere) return true;
    if (this.options.isWanted?.(state.symbol) === false) {
      trades.concludeHoles();
      trades.settle();
      return true;
    }
    for (const range of wanted) await this.fetch(state, range, requests, signal);
    if (trades.lacksIds && state.tries < MAX_TRIES) return false;
    const holes = trades.concludeHoles();
    if (doubt !== undefined && (doubt.isOutage || state.recovered > 0)) {
      // An outage that began while history was asked is another hole.
      const lastUs = trades.doubt === doubt ? trades.lastUs : askedUs;
      const toUs = Math.max(untilUs, lastUs, doubt.fromUs + 1);
      this.tell(state, doubt.fromUs, toUs, 'backfilled', doubt.cause);
    }
    this.tellHoles(state, holes);
    // A doubt that arose meanwhile stays.
    if (trades.doubt === doubt) trades.settle();
    state.recovered = 0;
    return true;
  }

  /**
   * Fills what the run before left. Its edges are fetched too where ids tell repeats: the engine knows those it has.
   * Prints without ids at the very edges can not be told from those that came, and are left out.
   */
  private async fillInherited(state: SymbolState, requests: SourceRequests, signal: AbortSignal): Promise<void> {
    const { adapter, clock, sourceId, universe } = this.options;
    const edgeUs = adapter.capabilities.tradeIds === 'none' ? 0 : 1;
    const symbol = universe.intern(state.symbol);
    for (let gap = state.inherited[0]; gap !== undefined; gap = state.inherited[0]) {
      const fromUs = Math.min(gap.fromUs, gap.toUs) + 1 - 2 * edgeUs;
      const toUs = Math.max(gap.fromUs, gap.toUs) + 2 * edgeUs;
      const trades =
        toUs > fromUs ? pastTrades({ adapter, requests, clock, sourceId }, state.symbol, fromUs, toUs) : [];
      for await (const batch of trades) {
        const news = new RowCollector({ sourceId });
        for (let row = 0; row < batch.length; row++) {
          if (batch.kind[row] === EventKind.Trade && batch.symbol[row] === symbol) news.batch().copyRow(batch, row);
        }
        for (const each of news.filled) this.options.deliver(each);
      }
      if (signal.aborted) return;
      this.tell(state, gap.fromUs, gap.toUs, 'backfilled', 'restart');
      state.inherited = state.inherited.slice(1);
    }
  }

  /** Tells what became of holes of ids, what stays missing last. */
  private tellHoles(state: SymbolState, holes: ReturnType<SymbolTrades['concludeHoles']>): void {
    const filled = holes.filter(({ missing }) => missing === 0);
    for (const { hole } of filled) this.tell(state, hole.fromUs, hole.toUs, 'backfilled', 'sequence');
    for (const { hole, missing } of holes) {
      if (missing > 0) this.tell(state, hole.fromUs, hole.toUs, 'missing', 'sequence');
    }
  }

  private async fetch(
    state: SymbolState,
    range: HistoryRange,
    requests: SourceRequests,
    signal: AbortSignal,
  ): Promise<void> {
    const { adapter, sourceId, universe, clock } = this.options;
    const symbol = universe.intern(state.symbol);
    let query: HistoryQuery | undefined = adapter.history?.trades?.(range);
    const merger = state.trades.merger(range);
    while (query !== undefined && !signal.aborted) {
      const answer = await requests.ask(query.request, signal);
      const rows = new RowCollector({ sourceId });
      rows.begin(clock.nowUs());
      query = query.read(answer, clock.nowUs(), rows);
      // What came while the answer was on its way counts too.
      merger.beginPage();
      for (const batch of rows.filled) this.merge(state, symbol, batch, merger);
    }
  }

  /** Delivers the rows of a page that are new. */
  private merge(state: SymbolState, symbol: number, batch: EventBatch, merger: TradeMerger): void {
    const news = new RowCollector({ sourceId: this.options.sourceId });
    for (let row = 0; row < batch.length; row++) {
      const isTrade = batch.kind[row] === EventKind.Trade && batch.symbol[row] === symbol;
      if (isTrade && merger.isNew(batch, row)) {
        state.trades.deliver(batch, row);
        state.recovered++;
        this.recovered++;
        news.batch().copyRow(batch, row);
      } else if (batch.kind[row] === EventKind.Malformed) {
        news.batch().copyRow(batch, row);
      }
    }
    for (const each of news.filled) this.options.deliver(each);
  }

  /** Nothing will come for this symbol any more: the ledger says so. */
  private giveUp(state: SymbolState): void {
    const { trades } = state;
    const { doubt } = trades;
    this.tellHoles(state, trades.concludeHoles());
    if (doubt?.isOutage === true || doubt?.cause === BAD_FRAME) {
      this.tell(state, doubt.fromUs, Math.max(this.options.eventNowUs(), doubt.fromUs + 1), 'missing', doubt.cause);
    }
    for (const gap of state.inherited) this.tell(state, gap.fromUs, gap.toUs, 'missing', 'restart');
    state.inherited = [];
    trades.settle();
    state.tries = 0;
    state.recovered = 0;
  }

  private tell(state: SymbolState, fromUs: number, toUs: number, settled: GapPayload['state'], cause: string): void {
    const { sourceId, universe, log, adapter } = this.options;
    // Trades of one instant, or out of order, have a hole between them too: the ledger's entry lies around it.
    const isInstant = toUs - fromUs < 2;
    const payload = {
      ...({ type: 'gap', state: settled, cause } as const),
      fromUs: isInstant ? Math.min(fromUs, toUs) - 1 : fromUs,
      toUs: isInstant ? Math.max(fromUs, toUs) + 2 : toUs,
    };
    const rows = new RowCollector({ sourceId, capacity: 1 });
    const nowUs = this.options.stampUs();
    rows.batch().addPayload(EventKind.Gap, universe.intern(state.symbol), sourceId, nowUs, nowUs, payload);
    for (const batch of rows.filled) this.options.deliver(batch);
    const fields = { source: adapter.id, symbol: state.symbol, cause, recovered: state.recovered };
    log.info('hole_settled', `a hole is ${settled}`, fields);
  }
}
