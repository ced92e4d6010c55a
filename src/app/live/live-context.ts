import type {
  ApiContext,
  BarQuery,
  BootstrapStatus,
  BreakRequest,
  BreakResult,
  ComponentHealth,
  FeatureVector,
  FormingBar,
  GapQuery,
  GapRow,
  HealthState,
  QuarantineQuery,
  QuarantineRow,
  RunCounters,
  RunMode,
  RunStatus,
  Slice,
  SourceCounters,
  SourceRow,
  StoredBar,
  TradingModes,
} from '../../api/index.ts';
import { formatMicros, type Micros, US_PER_MS, US_PER_SECOND } from '../../base/index.ts';
import type { DigestSink, Engine } from '../../engine/index.ts';
import type { Clock } from '../../host/index.ts';
import type { CorporateAction } from '../../model/index.ts';
import type { Recorder } from '../../recorder/index.ts';
import type { Source, SourceMember } from '../../sources/index.ts';
import type { ReferenceDatabase, Store } from '../../stores/index.ts';
import { RateMeter } from './rate-meter.ts';
import { type RunMeter, total } from './run-meter.ts';
import { SourceBoard } from './source-board.ts';
import { StoredRows } from './stored-rows.ts';
import { SymbolBoard } from './symbol-board.ts';
import { tradingModes } from './trading-modes.ts';

/** What a running program is made of, as far as the API looks at it. */
export interface LiveParts {
  readonly version: string;
  readonly mode: RunMode;
  readonly runId: string;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly meter: RunMeter;
  readonly digest: DigestSink;
  readonly recorder: Recorder | undefined;
  readonly history: Store;
  readonly lake: Store | undefined;
  /** Splits and dividends; `undefined` where none were ever imported. */
  readonly reference: ReferenceDatabase | undefined;
  readonly sources: readonly Source[];
  /** How several sources stand to each other; `undefined` where there is one. */
  members(): readonly SourceMember[] | undefined;
  readonly staleAfterS: number;
  /** The error that a part of the program runs without, by part; empty when all is well. */
  readonly faults: ReadonlyMap<string, string>;
  diskFreeBytes(): number | undefined;
  /** How far the fetching of history is. */
  bootstrap(): BootstrapStatus;
  /** True where only the bars of days are collected. */
  readonly isEod: boolean;
}

/** The API's view of a live run. */
export class LiveContext implements ApiContext {
  readonly version: string;
  readonly timeframes: readonly string[];
  readonly featureTimeframes: readonly string[];
  readonly featurePlan: ApiContext['featurePlan'];
  readonly staleAfterS: number;
  readonly breakDemo?: (request: BreakRequest) => Promise<BreakResult>;
  private readonly parts: LiveParts;
  private readonly board: SymbolBoard;
  private readonly stored: StoredRows;
  private readonly rate: RateMeter;
  private readonly sourceBoard: SourceBoard;
  private readonly startedMs: number;
  private readonly warmUps: readonly number[];
  private readonly vector: Float64Array;

  constructor(parts: LiveParts) {
    const { engine } = parts;
    this.parts = parts;
    this.version = parts.version;
    this.timeframes = engine.timeframes.map((timeframe) => timeframe.text);
    this.featureTimeframes = this.timeframes.filter((_, i) => engine.parts.hasFeatures[i]);
    this.featurePlan = engine.parts.plan.features.map(({ name, unit, description }) => ({ name, unit, description }));
    this.warmUps = engine.parts.plan.features.map((feature) => feature.warmUpBars);
    this.vector = new Float64Array(this.featurePlan.length);
    this.staleAfterS = parts.staleAfterS;
    this.board = new SymbolBoard(engine, parts.meter, parts.staleAfterS);
    this.stored = new StoredRows(engine, parts.history);
    this.rate = new RateMeter(parts.clock);
    this.sourceBoard = new SourceBoard({ ...parts, rate: this.rate, members: () => parts.members() });
    this.startedMs = parts.clock.monotonicMs();
    const faulty = parts.sources.find((source) => source.faults !== undefined);
    if (faulty?.faults !== undefined) {
      const { faults } = faulty;
      this.breakDemo = async (request) => breakIt(faults, request);
    }
  }

  engineTimeUs(): Micros {
    return Number.isFinite(this.parts.engine.nowUs) ? this.parts.engine.nowUs : this.parts.clock.nowUs();
  }

  instrument(symbol: string) {
    const { universe } = this.parts.engine;
    const id = universe.find(symbol);
    return id === undefined ? undefined : { symbol, assetClass: universe.instrument(id).assetClass };
  }

  run(): RunStatus {
    const { engine, meter, clock } = this.parts;
    return {
      mode: this.parts.mode,
      speed: null,
      run_id: this.parts.runId,
      version: this.version,
      digest: this.parts.digest.hex(),
      engine_time: formatMicros(this.engineTimeUs()),
      lag_ms: Math.max(0, (clock.nowUs() - this.engineTimeUs()) / US_PER_MS),
      uptime_s: (clock.monotonicMs() - this.startedMs) / 1_000,
      events: meter.events,
      events_per_s: this.rate.perSecond('all', meter.events),
      stale: this.board.staleCount(),
      symbols: engine.universe.size,
      breakers_open: this.parts.sources.filter((source) => source.health?.().breaker === 'open').length,
      training: 'off',
      can_break: this.breakDemo !== undefined,
    };
  }

  health() {
    const { recorder, faults } = this.parts;
    const sources = this.sourceBoard.health();
    const isHalted = recorder?.isHalted === true;
    const components = {
      sources,
      recorder: {
        ...component(isHalted ? 'down' : 'ok', recorder?.haltCause?.message),
        last_seq: recorder?.lastSeq ?? null,
        durable_seq: recorder?.durableSeq ?? null,
      },
      history: component(faults.has('history') ? 'degraded' : 'ok', faults.get('history')),
      lake: component(faults.has('lake') ? 'degraded' : 'ok', faults.get('lake')),
    };
    const states = [...Object.values(sources), components.recorder, components.history, components.lake];
    return { status: worst(states, isHalted), components, data_freshness: this.board.freshness() };
  }

  ready() {
    const isReady = this.parts.sources.some((source) => this.parts.meter.source(source.id)?.state === 'live');
    const status: HealthState = isReady ? 'ok' : 'down';
    return isReady ? { status } : { status, reason: 'No source delivers yet.' };
  }

  symbols() {
    return this.board.rows();
  }

  freshness(symbol: string) {
    const id = this.parts.engine.universe.find(symbol);
    return id === undefined ? undefined : this.board.freshnessRow(id);
  }

  sources(): readonly SourceRow[] {
    return this.sourceBoard.rows();
  }

  bootstrap(): BootstrapStatus {
    return this.parts.bootstrap();
  }

  tradingModes(): TradingModes {
    const { engine, meter, sources, isEod } = this.parts;
    const live = sources.filter(({ id }) => meter.source(id)?.state === 'live');
    const ages = Object.values(this.board.freshness()).flatMap(({ age_s }) => age_s ?? []);
    const lags = live.flatMap(({ id }) => {
      const counted = meter.source(id);
      const lagUs = counted === undefined ? Number.NaN : counted.lastRecvUs - counted.lastEventUs;
      return Number.isFinite(lagUs) ? Math.max(0, lagUs / US_PER_SECOND) : [];
    });
    const freshestS = ages.length === 0 ? undefined : Math.min(...ages);
    const lagS = lags.length === 0 ? undefined : Math.min(...lags);
    const modes = tradingModes({
      isRealTime: !isEod,
      timeframesS: engine.timeframes.map(({ lengthUs }) => lengthUs / US_PER_SECOND),
      liveSources: live.map(({ id }) => id),
      hasTicks: live.some(({ capabilities: { kinds } }) => kinds.includes('trades') || kinds.includes('quotes')),
      freshestS,
      lagS,
    });
    return {
      collection: isEod ? 'eod' : 'realtime',
      modes,
      facts: {
        live_sources: live.map(({ id }) => id),
        timeframes: this.timeframes,
        newest_event_age_s: freshestS ?? null,
        lag_s: lagS ?? null,
      },
    };
  }

  readBars(query: BarQuery): Promise<readonly StoredBar[]> {
    return this.stored.bars(query);
  }

  actions(symbol: string): readonly CorporateAction[] {
    return this.parts.reference?.actions(symbol) ?? [];
  }

  formingBar(symbol: string, timeframe: string): FormingBar | undefined {
    const { engine } = this.parts;
    const id = engine.universe.find(symbol);
    const index = this.timeframes.indexOf(timeframe);
    const bar = id === undefined || index < 0 ? undefined : engine.formingBar(id, index);
    return bar === undefined ? undefined : { ...bar, source: engine.universe.sources.text(bar.source) };
  }

  pendingBars(symbol: string, timeframe: string): readonly FormingBar[] {
    const { engine } = this.parts;
    const id = engine.universe.find(symbol);
    const index = this.timeframes.indexOf(timeframe);
    if (id === undefined || index < 0) return [];
    return engine.pendingBars(id, index).map((bar) => ({ ...bar, source: engine.universe.sources.text(bar.source) }));
  }

  features(symbol: string, timeframe: string): FeatureVector | undefined {
    const { engine } = this.parts;
    const id = engine.universe.find(symbol);
    const index = this.timeframes.indexOf(timeframe);
    if (id === undefined || index < 0 || engine.parts.hasFeatures[index] !== true) return undefined;
    const seen = engine.featureBars(id, index);
    const barsToWarm = this.warmUps.map((bars) => Math.max(0, bars - seen));
    if (!engine.latestFeatures(id, index, this.vector)) {
      return { startUs: undefined, values: this.vector.slice().fill(Number.NaN), barsToWarm };
    }
    const series = engine.series(id, index);
    const startUs = series.length === 0 ? undefined : series.startUs[series.slot(series.length - 1)];
    return { startUs, values: this.vector.slice(), barsToWarm };
  }

  gaps(query: GapQuery): Promise<Slice<GapRow>> {
    return this.stored.gaps(query);
  }

  quarantine(query: QuarantineQuery): Promise<Slice<QuarantineRow> & { readonly total: number }> {
    return this.stored.quarantine(query, this.parts.meter.quarantinedByReason());
  }

  counters(): RunCounters {
    const { meter, engine, recorder, history, lake } = this.parts;
    const own = engine.counters();
    const pending = [history, lake].flatMap((store) =>
      store === undefined ? [] : [{ store: store.name, rows: store.counters().rowsPending }],
    );
    return {
      bySource: Object.fromEntries(this.parts.sources.map(({ id }) => [id, this.sourceCounters(id)] as const)),
      received: meter.byKind('received'),
      accepted: meter.byKind('accepted'),
      quarantined: meter.quarantinedByReason(),
      dropped: [
        ...[history, lake].flatMap((store) =>
          store === undefined
            ? []
            : [{ queue: store.name, policy: 'drop-oldest', count: store.counters().rowsDropped }],
        ),
      ],
      queues:
        recorder === undefined ? [] : [{ queue: 'tape', depth: recorder.counters.pendingBytes, capacity: 67_108_864 }],
      revisions: this.timeframes.map((timeframe, i) => ({ timeframe, count: meter.revisionsOf(i) })),
      limits: [
        { limit: 'late_beyond_window', count: own.lateBeyondWindow },
        { limit: 'repairs_needed', count: own.repairsNeeded },
        { limit: 'revisions_too_old', count: own.revisionsTooOld },
        { limit: 'anomalies_cooled_down', count: own.anomaliesSuppressed },
        { limit: 'amendments_unmatched', count: own.amendmentsUnmatched },
        { limit: 'bars_closed_early', count: own.closedEarly },
        { limit: 'ticks_evicted', count: own.evictedTicks },
      ],
      gaps: meter.gapsByState(),
      pendingRows: pending,
      diskFreeBytes: this.parts.diskFreeBytes(),
    };
  }

  private sourceCounters(id: string): SourceCounters {
    const meter = this.parts.meter.source(id);
    const quarantined = meter === undefined ? 0 : [...meter.quarantined.values()].reduce((sum, n) => sum + n, 0);
    const received = meter === undefined ? 0 : total(meter.received);
    return { received, stored: received - quarantined, quarantined, conflated: 0, dropped: 0 };
  }
}

function component(status: HealthState, detail: string | undefined): ComponentHealth {
  return detail === undefined ? { status } : { status, detail };
}

function worst(states: readonly ComponentHealth[], isHalted: boolean): HealthState {
  if (isHalted) return 'down';
  return states.every(({ status }) => status === 'ok') ? 'ok' : 'degraded';
}

const STATEMENT =
  'The repaired run ends in the same final bars as the run that was never broken; `tickloom verify --run latest` replays it from the tape.';

function breakIt(faults: NonNullable<Source['faults']>, request: BreakRequest): BreakResult {
  const said = (detail: string): BreakResult => ({
    action: request.action,
    detail,
    symbol: null,
    digest_statement: STATEMENT,
  });
  switch (request.action) {
    case 'cut':
      faults.cut(request.seconds);
      return said(
        `The feed is cut for ${request.seconds} s: a gap opens, then what was missed comes late and revises bars.`,
      );
    case 'late_trade':
      faults.lateTrade();
      return said('The next trade is held back for 5 s and then revises the bars it belongs to.');
    case 'duplicate_storm':
      faults.duplicateStorm();
      return said('The last 1000 trades are sent once more; their ids are known, so they all go to quarantine.');
  }
}
