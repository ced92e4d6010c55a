import Type, { type Static } from 'typebox';
import { Alerts } from './alerts-section.ts';
import { Bootstrap } from './bootstrap-section.ts';
import { Quality } from './quality-section.ts';
import { choice, closed, decimal, flag, integer, section } from './schema-parts.ts';
import { Consensus, Failover } from './several-sources.ts';

/**
 * The one description of every configuration key: types, bounds, defaults and texts. The file, the environment, flags,
 * `tickloom.schema.json` and the documentation are all read from it.
 */

/** Marks a key that is read, checked and kept, and has no effect in this version. */
export const NO_EFFECT = 'No effect in this version: ';

/** What is analysed where nobody says otherwise, as far as it is built. */
export const ANALYSED_TIMEFRAMES: readonly string[] = ['1m', '5m', '15m', '1h', '1d'];

const SymbolText = Type.String({
  pattern: '^[A-Z0-9][A-Z0-9._-]{0,31}$',
  description: 'A generic symbol, for example AAPL or BTCUSD.',
});
const TimeframeText = Type.String({
  pattern: '^[1-9]\\d{0,3}(s|m|h|d|w|M)$',
  description: 'A timeframe: 1s, 5m, 1h, 1d …',
});

const Demo = section('The built-in demo source: a seeded market that needs no key and never closes.', {
  rate: decimal('Trades per second over all symbols.', 200, 0.1, 200_000),
  seed: integer('Same seed, same market.', 20_261_121, 0, Number.MAX_SAFE_INTEGER),
  past_hours: decimal('Hours of past that the first start makes for itself, as one-minute bars.', 120, 0, 2_400),
  symbols: Type.Array(SymbolText, {
    description: 'What the demo market trades.',
    default: ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'TSLA', 'SPY', 'QQQ', 'XOM', 'BTCUSD', 'ETHUSD', 'EURUSD', 'XAUUSD'],
    minItems: 1,
    maxItems: 5_000,
    uniqueItems: true,
  }),
});

const Calendar = Type.Object(
  {},
  {
    additionalProperties: true,
    description: 'Sessions of a market, as docs/calendar.md defines them; the key is its id.',
  },
);

const Instrument = section('What is known about a symbol, where the built-in guess is wrong.', {
  asset_class: Type.Optional(
    Type.Enum(['equity', 'crypto', 'forex', 'index', 'macro', 'future'], { description: 'Asset class.' }),
  ),
  calendar: Type.Optional(Type.String({ description: 'Id of a built-in or user-defined calendar.' })),
  currency: Type.Optional(Type.String({ description: 'Currency of its price.' })),
  bar_basis: Type.Optional(Type.Enum(['trades', 'mid'], { description: 'What bars are built from.' })),
});

/** What every source has that speaks to a provider. */
function provider(name: string) {
  return {
    stream_url: Type.String({
      description: `Base address of the stream, in place of ${name}'s own: a simulator, a proxy.`,
      default: '',
      pattern: '^(|wss?://\\S+)$',
    }),
    rest_url: Type.String({
      description: `Base address of requests, in place of ${name}'s own.`,
      default: '',
      pattern: '^(|https?://\\S+)$',
    }),
    symbols: Type.Record(Type.String({ pattern: '^[A-Z0-9][A-Z0-9._-]{0,31}$' }), Type.String({ minLength: 1 }), {
      ...closed,
      description: `Further symbols: the generic one and ${name}'s.`,
      default: {},
    }),
    plan: Type.String({
      description: 'Name of the plan or feed, where there are several; empty = the default.',
      default: '',
    }),
    ca_file: Type.String({
      description: 'PEM file of certificate authorities to trust in place of the built-in ones; empty = those.',
      default: '',
    }),
    priority: integer(
      'Rank among several sources, lowest first; -1 = the usual one: the place in the list, and for polled ones yahoo 0, alphavantage 1, twelvedata 2, others after them. Streams come before polled sources.',
      -1,
      -1,
      1_000,
    ),
    silence_s: decimal(
      'Silence after which the stream counts as mute and is opened anew; 0 = what suits the provider.',
      0,
      0,
      86_400,
    ),
  };
}

const Alpaca = section('The alpaca source.', {
  realtime_enabled: flag(
    'The streaming plan, 10,000 requests a minute and 100 symbols (ALPACA_REALTIME_ENABLED). Set to false: end-of-day mode; not set: the stream within the free plan.',
    false,
  ),
  ...provider('Alpaca'),
});

const Binance = section('The binance source: spot, public data, no key.', provider('Binance'));

const Streaming = section('The streaming section of the 15-minute analysis system, accepted as it stands there.', {
  enabled: flag('Whether provider, ticker and interval below set source, symbols and patterns.timeframes.', false),
  provider: Type.String({ description: 'Source of the ticker.', default: 'demo' }),
  ticker: Type.String({ description: 'Symbol to analyse; several with commas.', default: 'XOM' }),
  interval: Type.String({
    pattern: '^[1-9]\\d{0,3}(s|m|h|d|w|M)$',
    description: 'Timeframe of the analysis.',
    default: '15m',
  }),
  pattern_matching: section('Thresholds of tolerance matching.', {
    tolerance_pct: decimal('Width of the tolerance band in percent.', 5, 0.001, 100),
    min_confidence_threshold: decimal('Confidence from which a pattern is WATCHING.', 50, 1, 100),
    trigger_threshold: decimal('Confidence from which a pattern is TRIGGERED.', 90, 1, 100),
  }),
  regime_detection: section('Regime windows and limits.', {
    window_size: integer('Bars in the window.', 20, 2, 1_000),
    volatility_thresholds: section('Volatility limits in percent of a day.', {
      low: decimal('Below it volatility is low.', 1.5, 0, 100),
      medium: decimal('From it on volatility is high.', 3, 0, 100),
    }),
  }),
  estimation: section('Weights of the legacy score.', {
    base_weight: decimal('Weight of the base success rate.', 0.4, 0, 1),
    regime_weight: decimal('Weight of the regime factor.', 0.3, 0, 1),
    confidence_weight: decimal('Weight of the confidence factor.', 0.3, 0, 1),
  }),
  dashboard: section('Second port of the WebSocket.', {
    ws_port: integer('Port, where dashboard.ws_port says none; 0 = none.', 0, 0, 65_535),
  }),
});

export const ConfigSchema = section('Tickloom configuration.', {
  data_dir: Type.String({ description: 'Folder of everything that is stored.', default: './data' }),
  source: Type.Array(Type.String(), {
    description: 'Sources to run, in order of priority.',
    default: ['demo'],
    minItems: 1,
    maxItems: 16,
  }),
  symbols: Type.Array(SymbolText, {
    description: 'Symbols to collect; empty = what the source offers.',
    default: [],
    maxItems: 20_000,
    uniqueItems: true,
  }),
  clock: choice('wall: the machine clock; source: engine time follows the event time of what arrives.', 'wall', [
    'wall',
    'source',
  ]),
  mode: choice(
    'realtime: events as they happen; eod: the bars of days after each close, 5 requests a minute; auto: realtime, and eod for alpaca where ALPACA_REALTIME_ENABLED is false.',
    'auto',
    ['auto', 'realtime', 'eod'],
  ),
  sources: section('Settings of each source.', {
    demo: Demo,
    alpaca: Alpaca,
    binance: Binance,
    polygon: section('The polygon source.', provider('Polygon')),
    finnhub: section('The finnhub source.', provider('Finnhub')),
    twelvedata: section('The twelvedata source.', provider('Twelve Data')),
    alphavantage: section('The alphavantage source.', provider('Alpha Vantage')),
    yahoo: section('The yahoo source.', provider('Yahoo')),
    coingecko: section('The coingecko source.', provider('CoinGecko')),
    fred: section('The fred source.', provider('FRED')),
  }),
  collector: section('Polled sources.', {
    interval_s: decimal(
      'Time between two rounds of polling (COLLECTION_INTERVAL); a source that wants more gets more.',
      1,
      0.1,
      86_400,
    ),
  }),
  bootstrap: Bootstrap,
  failover: Failover,
  consensus: Consensus,
  instruments: Type.Record(Type.String({ pattern: '^[A-Z0-9][A-Z0-9._-]{0,31}$' }), Instrument, {
    ...closed,
    description: 'Overrides per symbol.',
    default: {},
  }),
  calendars: Type.Record(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$' }), Calendar, {
    ...closed,
    description: 'User-defined trading calendars.',
    default: {},
  }),
  bars: section('How trades become bars.', {
    timeframes: Type.Array(TimeframeText, {
      description: 'Timeframes built at once.',
      default: ['1s', '1m', '5m', '15m', '30m', '1h', '1d'],
      minItems: 1,
      maxItems: 16,
      uniqueItems: true,
    }),
    close_delay_ms: integer('How long after its end a bar stays open for stragglers.', 1_000, 0, 600_000),
    revision_window_ms: integer('How long after its end a bar is still revised.', 60_000, 0, 3_600_000),
    condition_rules: choice('Which trade conditions may change open, high, low, last and volume.', 'sip', [
      'sip',
      'algoseek',
      'all',
    ]),
    window: integer('Closed bars kept in memory per symbol and timeframe (MAX_BARS_CACHE).', 5_000, 50, 5_000),
    ring_ticks: integer('Ticks kept in memory per symbol.', 10_000, 100, 1_000_000),
  }),
  features: section('Features computed per bar.', {
    names: Type.Array(Type.String(), {
      description: 'Feature names; empty = the default set.',
      default: [],
      maxItems: 256,
      uniqueItems: true,
    }),
    timeframes: Type.Array(TimeframeText, {
      description: 'Timeframes with features, of those in bars.timeframes; empty = all.',
      default: [],
      maxItems: 16,
      uniqueItems: true,
    }),
    cache_ttl_s: decimal(`${NO_EFFECT}life of features cached in Redis (FEATURE_CACHE_TTL).`, 2, 0.1, 3_600),
  }),
  patterns: section('What is looked for in closed bars.', {
    timeframes: Type.Array(TimeframeText, {
      description: 'Timeframes that are analysed: patterns, regimes, signals; of those with features; empty = none.',
      default: [...ANALYSED_TIMEFRAMES],
      maxItems: 16,
      uniqueItems: true,
    }),
    candlesticks: flag('Look for candlesticks.', true),
    charts: flag('Look for chart patterns.', true),
    portfolio: Type.String({
      description:
        'File of tolerance patterns; empty = portfolio.json or final_portfolio.json in the working folder or in data_dir, else the example that comes with the program; none = no tolerance patterns.',
      default: '',
    }),
    horizon_bars: integer('Bars after which a pattern that brings no horizon of its own expires.', 20, 1, 500),
    target_sigmas: decimal(
      'Distance of a target where the pattern gives none, in standard deviations of a bar times the root of the horizon.',
      1,
      0.05,
      20,
    ),
    stop_sigmas: decimal('Distance of a stop, in the same unit.', 1, 0.05, 20),
  }),
  signals: section('When a score becomes a signal.', {
    strong: decimal('Score from which BUY and SELL become STRONG.', 80, 1, 100),
    plain: decimal('Score from which HOLD becomes BUY or SELL.', 60, 1, 100),
    active_bars: integer('Bars over which a triggered pattern fades out of the score.', 5, 1, 500),
    require_edge: flag('Count a pattern only once an edge over random entries is measured.', false),
  }),
  quality: Quality,
  recorder: section('The tape.', {
    enabled: flag('Record every event before it is handled.', true),
    commit_ms: integer('Longest time between two durable commits.', 20, 1, 50),
    segment_mb: integer('Size at which a new tape file begins.', 64, 1, 4_096),
    max_tape_mb: integer('Size bound of the tape; at it recording halts with an alert.', 20_480, 64, 10_000_000),
    snapshot_every_s: integer(
      'Time between two engine snapshots (one is also taken after a million events).',
      300,
      1,
      86_400,
    ),
  }),
  stores: section('What is derived from the tape and kept.', {
    sqlite: flag('Bars, gaps and quarantine in SQLite.', true),
    lake: flag('Trades, quotes, bars and features in the Parquet lake.', true),
    batch_write_interval_s: decimal(
      'Longest time a row waits before it is written (BATCH_WRITE_INTERVAL).',
      10,
      0.1,
      600,
    ),
    lake_flush_s: decimal('Longest time a row waits before it is in the lake.', 300, 1, 86_400),
    compression: choice('Compression of Parquet files.', 'zstd', ['zstd', 'lz4']),
    event_rows: integer(
      'Events kept: patterns, regimes, signals, outcomes, alerts; beyond it the oldest go (drop-oldest, counted).',
      1_000_000,
      1_000,
      100_000_000,
    ),
    quarantine_rows: integer(
      'Rows kept in quarantine; beyond it the oldest go (drop-oldest, counted).',
      1_000_000,
      1_000,
      100_000_000,
    ),
  }),
  alerts: Alerts,
  broker: section('Names that a broker has for symbols, for `?symbology=broker`.', {
    symbols: Type.Record(Type.String({ pattern: '^[A-Z0-9][A-Z0-9._-]{0,31}$' }), Type.String({ minLength: 1 }), {
      ...closed,
      description: 'The generic symbol and the name at the broker, where it is another one; NAS100 is US100 anyway.',
      default: {},
    }),
  }),
  api: section('HTTP and WebSocket.', {
    host: Type.String({ description: 'Address to bind.', default: '127.0.0.1' }),
    port: integer('Port; 0 = any free one.', 8_000, 0, 65_535),
    allow_remote: flag('Allow a bind beyond this machine.', false),
    allowed_hosts: Type.Array(Type.String(), {
      description: 'Further Host names to answer to.',
      default: [],
      maxItems: 64,
    }),
    allowed_origins: Type.Array(Type.String(), {
      description: 'Further web origins that may call.',
      default: [],
      maxItems: 64,
    }),
    event_log: integer('Events kept for `since`.', 100_000, 100, 10_000_000),
  }),
  dashboard: section('The dashboard.', { ws_port: integer('Second port for the WebSocket; 0 = none.', 0, 0, 65_535) }),
  log: section('Logs.', {
    level: choice('Least level that is logged.', 'info', [
      'trace',
      'debug',
      'info',
      'warn',
      'error',
      'fatal',
      'silent',
    ]),
    format: choice('auto: pretty on a terminal, JSON lines otherwise.', 'auto', ['auto', 'json', 'pretty']),
  }),
  limits: section('Bounds that guard the process.', {
    max_symbols: integer('Symbols at once.', 20_000, 1, 1_000_000),
  }),
  redis: section('The Redis client.', {
    pool_size: integer(`${NO_EFFECT}connections (REDIS_POOL_SIZE).`, 20, 1, 1_000),
  }),
  http: section('The HTTP client of sources.', {
    pool_size: integer('Connections per host (HTTP_POOL_SIZE).', 10, 1, 1_000),
  }),
  streaming: Streaming,
});

/** The effective configuration: every key present. */
export type TickloomConfig = Static<typeof ConfigSchema>;
