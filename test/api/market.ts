import {
  type ApiContext,
  type ApiLimits,
  ApiServer,
  type ApiServerOptions,
  type BarQuery,
  type FormingBar,
  gapRow,
  type StoredBar,
} from '../../src/api/index.ts';
import type { BreakRequest, GapRow, QuarantineRow, RunStatus, SymbolRow } from '../../src/api/protocol/index.ts';
import { formatMicros, US_PER_SECOND } from '../../src/base/index.ts';
import { EventStore, LocalBus } from '../../src/bus/index.ts';
import { Metrics, silentLog, systemClock } from '../../src/host/index.ts';
import type { Bar } from '../../src/model/index.ts';
import { EventBatch, EventKind, guessInstrument, Universe } from '../../src/model/index.ts';

export const TIMEFRAMES = ['1s', '1m', '1d'] as const;
export const FEATURES = [
  { name: 'sma_2', unit: 'price', description: 'Mean of two closes.' },
  { name: 'rsi_14', unit: '0..100', description: 'Relative strength index.' },
] as const;

/**
 * A small market in memory that stands behind the API in tests: it holds bars as they were fed and tells the feed about
 * them, the way the engine's views and the stores do together.
 */
export class Market {
  readonly universe = new Universe();
  readonly source: number;
  readonly batch = new EventBatch(64);
  readonly bars = new Map<string, StoredBar[]>();
  readonly forming = new Map<string, FormingBar>();
  readonly gapRows: GapRow[] = [];
  readonly quarantined: QuarantineRow[] = [];
  readonly broken: BreakRequest[] = [];
  nowUs = 1_700_000_000 * US_PER_SECOND;
  mode: RunStatus['mode'] = 'demo';
  state: 'ok' | 'degraded' | 'down' = 'ok';
  lastSeq = 0;

  constructor(symbols: readonly string[] = ['AAPL', 'MSFT', 'BTCUSD', 'EURUSD']) {
    for (const symbol of symbols) this.universe.add(guessInstrument(symbol));
    this.source = this.universe.sources.intern('demo');
  }

  /** Feeds one accepted trade through a feed. */
  trade(server: ApiServer, symbol: string, price: number, size = 1): void {
    this.batch.clear();
    this.lastSeq += 1;
    const row = this.batch.addTrade(this.id(symbol), this.source, this.nowUs, this.nowUs, price, size);
    server.feed.onTrade(this.batch, row);
  }

  /** Closes (or revises) a bar: kept as the stores keep it, and told to the feed. */
  closeBar(
    server: ApiServer | undefined,
    symbol: string,
    timeframe: string,
    startUs: number,
    close: number,
    revision = 0,
  ): Bar {
    const bar: Bar = {
      symbol: this.id(symbol),
      timeframe: TIMEFRAMES.indexOf(timeframe as '1s'),
      startUs,
      endUs: startUs + US_PER_SECOND,
      open: close,
      high: close + 1,
      low: close - 1,
      close,
      volume: 10,
      vwap: close,
      trades: 3,
      revision,
      source: this.source,
      quality: 1,
    };
    const key = `${symbol}|${timeframe}`;
    const list = (this.bars.get(key) ?? []).filter((held) => held.start !== startUs);
    list.push({
      start: startUs,
      open: bar.open,
      high: bar.high,
      low: bar.low,
      close,
      volume: 10,
      vwap: close,
      trades: 3,
      revision,
      source: 'demo',
      quality: 1,
    });
    this.bars.set(
      key,
      list.sort((a, b) => a.start - b.start),
    );
    server?.feed.onBar(bar);
    return bar;
  }

  featuresOf(server: ApiServer, bar: Bar, values: readonly number[]): void {
    server.feed.onFeatures(bar, Float64Array.from([0, ...values]), 1);
  }

  setForming(symbol: string, timeframe: string, startUs: number, close: number, trades: number): void {
    this.forming.set(`${symbol}|${timeframe}`, {
      startUs,
      open: close,
      high: close,
      low: close,
      close,
      volume: trades,
      vwap: Number.NaN,
      trades,
      source: 'demo',
      quality: 1,
    });
  }

  gap(server: ApiServer, symbol: string, fromUs: number, toUs: number): void {
    const gap = {
      id: this.gapRows.length,
      symbol: this.id(symbol),
      source: this.source,
      fromUs,
      toUs,
      state: 'missing',
      cause: 'disconnect',
      recovered: 0,
      expected: undefined,
    } as const;
    this.gapRows.unshift(gapRow(gap, this.universe));
    server.feed.onGap(gap);
  }

  status(server: ApiServer, state: 'connected' | 'disconnected', reason: string): void {
    this.batch.clear();
    const row = this.batch.addPayload(EventKind.Status, -1, this.source, this.nowUs, this.nowUs, {
      type: 'status',
      state,
      reason,
    });
    server.feed.onStatus(this.batch, row);
  }

  run(): RunStatus {
    return {
      mode: this.mode,
      speed: null,
      run_id: 'run-1',
      version: '0.1.0',
      digest: 'abcdef0123456789',
      engine_time: formatMicros(this.nowUs),
      lag_ms: 1.5,
      uptime_s: 12,
      events: this.lastSeq,
      events_per_s: 10,
      stale: 0,
      symbols: this.universe.size,
      breakers_open: 0,
      training: 'off',
      can_break: this.mode === 'demo',
    };
  }

  context(): ApiContext {
    const market = this;
    return {
      version: '0.1.0',
      timeframes: TIMEFRAMES,
      featureTimeframes: ['1s', '1m'],
      featurePlan: FEATURES,
      staleAfterS: 10,
      engineTimeUs: () => this.nowUs,
      instrument: (symbol) => {
        const id = this.universe.find(symbol);
        return id === undefined ? undefined : { symbol, assetClass: this.universe.instrument(id).assetClass };
      },
      run: () => this.run(),
      health: () => ({
        status: this.state,
        components: {
          sources: { demo: { status: 'ok' } },
          recorder: { status: 'ok', last_seq: this.lastSeq, durable_seq: this.lastSeq },
          history: { status: 'ok' },
          lake: {
            status: this.state === 'degraded' ? 'degraded' : 'ok',
            ...(this.state === 'degraded' ? { detail: 'away' } : {}),
          },
        },
        data_freshness: { AAPL: { age_s: 0.4, stale: false }, MSFT: { age_s: null, stale: true } },
      }),
      ready: () => (this.state === 'down' ? { status: 'down', reason: 'the past is being made' } : { status: 'ok' }),
      symbols: () =>
        this.universe.instruments().map(
          (instrument): SymbolRow => ({
            symbol: instrument.symbol,
            asset_class: instrument.assetClass,
            calendar: instrument.calendar,
            zone: 'America/New_York',
            currency: instrument.currency,
            session: { state: 'open', next_change: formatMicros(this.nowUs) },
            last: 101.5,
            change: null,
            change_ratio: null,
            last_event_at: null,
            stale: false,
            quality: 0.9,
            source: 'demo',
            sparkline: [1, 2, 3],
          }),
        ),
      tradingModes: () => ({
        collection: 'realtime',
        modes: [{ mode: 'swing', available: true, horizon: 'days to weeks', reasons: [] }],
        facts: { live_sources: ['demo'], timeframes: [...TIMEFRAMES], newest_event_age_s: 1, lag_s: null },
      }),
      bootstrap: () => ({ state: 'off', error: null, ranges_done: 0, ranges_total: 0, bars: 0, report: null }),
      sources: () => [
        {
          id: 'demo',
          state: 'live',
          breaker: 'closed',
          events_per_s: 10,
          lag_ms: null,
          quota: { left: 3, limit: 5, window: '1m' },
          last_event_at: formatMicros(this.nowUs),
          last_error: null,
          role: 'serving',
          serves: 1,
          take_overs: 0,
          clock_skew_ms: null,
          reconnects: 2,
          symbols: 4,
          outages: [{ from: formatMicros(this.nowUs), to: null, reason: 'cut' }],
        },
      ],
      readBars: (query) => Promise.resolve(this.readBars(query)),
      pendingBars: () => [],
      formingBar: (symbol, timeframe) => this.forming.get(`${symbol}|${timeframe}`),
      features: (symbol) =>
        symbol === 'AAPL' ? { startUs: this.nowUs, values: [101.25, Number.NaN], barsToWarm: [0, 6] } : undefined,
      gaps: (query) => {
        const rows = this.gapRows.filter((row) => query.symbol === undefined || row.symbol === query.symbol);
        const from = query.cursor === undefined ? 0 : Number(query.cursor);
        const nextCursor = from + query.limit < rows.length ? String(from + query.limit) : undefined;
        return Promise.resolve({ rows: rows.slice(from, from + query.limit), nextCursor });
      },
      quarantine: (query) => {
        const rows = this.quarantined.filter((row) => query.reason === undefined || row.reason === query.reason);
        const from = query.cursor === undefined ? 0 : Number(query.cursor);
        const nextCursor = from + query.limit < rows.length ? String(from + query.limit) : undefined;
        return Promise.resolve({ rows: rows.slice(from, from + query.limit), nextCursor, total: rows.length });
      },
      counters: () => ({
        bySource: { demo: { received: 10, stored: 9, quarantined: 1, conflated: 0, dropped: 0 } },
        received: [{ source: 'demo', kind: 'trade', count: 10 }],
        accepted: [{ source: 'demo', kind: 'trade', count: 9 }],
        quarantined: [{ source: 'demo', reason: 'duplicate', count: 1 }],
        dropped: [{ queue: 'quarantine', policy: 'drop-oldest', count: 0 }],
        queues: [{ queue: 'recorder', depth: 2, capacity: 100 }],
        revisions: [{ timeframe: '1m', count: 1 }],
        limits: [{ limit: 'late_beyond_window', count: 1 }],
        gaps: [{ state: 'missing', count: 1 }],
        pendingRows: [{ store: 'sqlite', rows: 3 }],
        diskFreeBytes: 1_000_000,
      }),
      get breakDemo() {
        if (market.mode !== 'demo') return undefined;
        return (request: BreakRequest) => {
          market.broken.push(request);
          return Promise.resolve({ action: request.action, detail: 'Done.', symbol: null, digest_statement: null });
        };
      },
    } as ApiContext;
  }

  private readBars(query: BarQuery): readonly StoredBar[] {
    const held = this.bars.get(`${query.symbol}|${query.timeframe}`) ?? [];
    const inside = held.filter((bar) => bar.start >= query.fromUs && bar.start < query.toUs);
    return query.latest ? inside.slice(-query.limit) : inside.slice(0, query.limit);
  }

  private id(symbol: string): number {
    const id = this.universe.find(symbol);
    if (id === undefined) throw new Error(`no ${symbol} in this market`);
    return id;
  }
}

/** A bus that keeps its events in memory. */
export function memoryBus(firstId: number): LocalBus {
  const store = new EventStore({ path: ':memory:', maxEvents: 100_000 });
  const fail = (error: unknown): never => {
    throw error;
  };
  return new LocalBus({ store, clock: systemClock, origin: 'test', onFailure: fail, firstId });
}

/** A server on a free port over a market. */
export function serve(
  market: Market,
  {
    firstEventId = 1_000,
    ...options
  }: { limits?: Partial<ApiLimits>; firstEventId?: number } & Partial<ApiServerOptions> = {},
): ApiServer {
  return new ApiServer({
    context: market.context(),
    universe: market.universe,
    host: '127.0.0.1',
    port: 0,
    socketPort: 0,
    allowRemote: false,
    allowedHosts: [],
    allowedOrigins: [],
    eventLog: 10_000,
    bus: options.bus ?? memoryBus(firstEventId),
    metrics: new Metrics(),
    log: silentLog,
    clock: systemClock,
    ...options,
  });
}
