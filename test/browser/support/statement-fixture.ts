import type {
  AlertEvent,
  AlertRules,
  BarRow,
  DeliveryRow,
  OutcomeEvent,
  PatternMatchEvent,
  RegimeChangeEvent,
  ServerEvent,
  SignalEvent,
  WebhookTest,
  WireOdds,
  WireRegime,
} from '../../../src/api/protocol/index.ts';
import type { MarketFixture } from './market-fixture.ts';
import { rfc3339 } from './market-fixture.ts';

const MINUTE_MS = 60_000;

/** Odds without an edge, as most patterns have them. */
export const NO_EDGE: WireOdds = {
  legacy_score: 50,
  low: 0.34,
  high: 0.59,
  n: 61,
  n_effective: 42.3,
  success_rate: 0.459,
  random_rate: 0.48,
  has_edge: false,
};

/** Odds with a measured edge. */
export const EDGE: WireOdds = {
  ...NO_EDGE,
  low: 0.55,
  high: 0.72,
  n: 240,
  n_effective: 130,
  success_rate: 0.64,
  has_edge: true,
};

const TEST_ANSWER: WebhookTest = {
  webhook_id: 'msg_test',
  is_delivered: false,
  status: null,
  error: 'no answer in time',
  latency_ms: 3_000,
};

const REGIME: WireRegime = {
  volatility: 'low',
  trend: 'weak_bull',
  volatility_pct: 1.2,
  trend_z: 0.8,
  turbulent_probability: 0.1,
  change_point_probability: 0.02,
};

/** Made-up statements about a made-up market, in the shapes of the wire. */
export class StatementFixture {
  readonly patterns: PatternMatchEvent[] = [];
  readonly regimes: RegimeChangeEvent[] = [];
  readonly outcomes: OutcomeEvent[] = [];
  readonly signals: SignalEvent[] = [];
  readonly alerts: AlertEvent[] = [];
  rules: AlertRules = { rules: [], webhooks: [] };
  readonly deliveries: DeliveryRow[] = [];
  readonly #market: MarketFixture;

  constructor(market: MarketFixture) {
    this.#market = market;
  }

  /** A double top and some candles on the first symbol, regimes, signals of each symbol, one alert of each level. */
  fill(nowMs: number): void {
    const symbol = this.#market.symbols[0]?.symbol ?? '';
    this.regimes.push(
      this.regimeChange(symbol, 60, 'low', 'sideways'),
      this.regimeChange(symbol, 40, 'medium', 'strong_bull'),
      this.regimeChange(symbol, 12, 'high', 'weak_bear'),
    );
    this.patterns.push(
      this.match(symbol, 30, { pattern_id: 'hammer', direction: 'up' }),
      this.match(symbol, 22, { pattern_id: 'doji', direction: 'none', odds: { ...NO_EDGE, n: 0, success_rate: null } }),
      this.match(symbol, 16, { pattern_id: 7, family: 'tolerance', direction: 'up', odds: EDGE, probability: 63.2 }),
      this.doubleTop(symbol),
    );
    const [hammer] = this.patterns;
    if (hammer !== undefined) this.outcomes.push(this.outcome(hammer));
    const actions = ['STRONG BUY', 'SELL', 'HOLD'] as const;
    for (const [i, { symbol: name }] of this.#market.symbols.slice(0, 3).entries()) {
      const action = actions[i] ?? 'HOLD';
      this.signals.push(this.signal(name, { action, score: [88.4, -57, 4][i] ?? 0 }, nowMs));
    }
    for (const level of ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const) {
      this.alerts.push(this.alert(level, `An alert of level ${level}`, nowMs - 300_000));
    }
  }

  bar(symbol: string, back: number): BarRow {
    const bars = this.#market.bars.get(symbol) ?? [];
    const bar = bars[bars.length - 1 - back];
    if (bar === undefined) throw new Error(`${symbol} has no bar ${back} bars ago`);
    return bar;
  }

  match(symbol: string, back: number, part: Partial<PatternMatchEvent> = {}): PatternMatchEvent {
    const bar = this.bar(symbol, back);
    const endMs = Date.parse(bar.start) + MINUTE_MS;
    const id = this.#market.nextId();
    return {
      type: 'pattern_match',
      timestamp: rfc3339(endMs),
      symbol,
      pattern_id: 'hammer',
      confidence: 92,
      status: 'TRIGGERED',
      probability: 47.1,
      entry_signal: 'BUY',
      entry_price: bar.close,
      target_price: bar.close * 1.004,
      stop_loss: bar.close * 0.996,
      risk_reward_ratio: 1,
      id,
      statement_id: id,
      change: 'new',
      replaces: null,
      timeframe: '1m',
      bar_start: bar.start,
      bar_revision: 0,
      knowable_at: rfc3339(endMs),
      family: 'candlestick',
      direction: 'up',
      formed_from: bar.start,
      formed_at: rfc3339(endMs),
      points: [],
      odds: NO_EDGE,
      regime: { volatility: 'low', trend: 'weak_bull' },
      quality: 1,
      ...part,
    };
  }

  doubleTop(symbol: string): PatternMatchEvent {
    const points = [
      ['first_top', 26],
      ['neckline', 18],
      ['second_top', 9],
    ] as const;
    return this.match(symbol, 5, {
      pattern_id: 'double-top',
      family: 'chart',
      direction: 'down',
      entry_signal: 'SELL',
      target_price: this.bar(symbol, 5).close * 0.996,
      stop_loss: this.bar(symbol, 5).close * 1.004,
      points: points.map(([role, back]) => {
        const bar = this.bar(symbol, back);
        return { role, time: bar.start, price: role === 'neckline' ? bar.low * 0.998 : bar.high * 1.002 };
      }),
    });
  }

  regimeChange(
    symbol: string,
    back: number,
    volatility: WireRegime['volatility'],
    trend: WireRegime['trend'],
  ): RegimeChangeEvent {
    const { bar_start, timestamp, knowable_at } = this.match(symbol, back);
    const id = this.#market.nextId();
    return {
      type: 'regime_change',
      timestamp,
      symbol,
      from: { volatility: null, trend: null },
      to: { volatility, trend },
      current: { ...REGIME, volatility, trend },
      id,
      statement_id: id,
      change: 'new',
      replaces: null,
      timeframe: '1m',
      bar_start,
      bar_revision: 0,
      knowable_at,
    };
  }

  outcome(of: PatternMatchEvent): OutcomeEvent {
    const id = this.#market.nextId();
    return {
      type: 'outcome',
      timestamp: of.timestamp,
      symbol: of.symbol,
      pattern_id: of.pattern_id,
      barrier: 'target',
      direction: 'up',
      entry_price: 100,
      exit_price: 100.4,
      returned: 0.004,
      id,
      statement_id: id,
      of: of.id,
      of_statement_id: of.statement_id,
      timeframe: of.timeframe,
      entered_at: of.timestamp,
      left_at: of.timestamp,
      both_in_bar: false,
    };
  }

  signal(symbol: string, part: Partial<SignalEvent>, nowMs: number): SignalEvent {
    const { odds, entry_price, target_price, stop_loss, bar_start, knowable_at } = this.match(symbol, 1);
    const id = this.#market.nextId();
    return {
      type: 'signal',
      timestamp: rfc3339(nowMs - 90_000),
      symbol,
      action: 'BUY',
      score: 60,
      confidence: 80,
      probability: 47.1,
      entry_price,
      target_price,
      stop_loss,
      risk_reward_ratio: 1,
      id,
      statement_id: id,
      change: 'new',
      replaces: null,
      timeframe: '1m',
      bar_start,
      bar_revision: 0,
      knowable_at,
      odds,
      patterns: [],
      expires_at: rfc3339(nowMs + 600_000),
      ...part,
    };
  }

  alert(level: AlertEvent['level'], message: string, atMs: number, part: Partial<AlertEvent> = {}): AlertEvent {
    const id = this.#market.nextId();
    return { type: 'alert', timestamp: rfc3339(atMs), level, message, id, kind: 'system', ...part };
  }

  /** Answers of the paths of statements; undefined for any other. Lists are newest first. */
  answer(path: string, query: URLSearchParams): unknown {
    const rows = <T extends { readonly symbol?: string; readonly timeframe?: string }>(from: readonly T[]): T[] =>
      from
        .filter(({ symbol }) => query.get('symbol') === null || symbol === query.get('symbol'))
        .filter(({ timeframe }) => query.get('timeframe') === null || timeframe === query.get('timeframe'))
        .reverse();
    if (path === '/api/v1/patterns') return { patterns: rows(this.patterns), next_cursor: null };
    if (path === '/api/v1/outcomes') return { outcomes: rows(this.outcomes), next_cursor: null };
    if (path === '/api/v1/alerts') return { alerts: rows(this.alerts), next_cursor: null };
    if (path === '/api/v1/alerts/rules') return this.rules;
    if (path === '/api/v1/alerts/deliveries') return { deliveries: this.deliveries, next_cursor: null };
    if (/^\/api\/v1\/alerts\/webhooks\/[^/]+\/test$/.test(path)) return TEST_ANSWER;
    if (path === '/ml/realtime/signals') return { signals: rows(this.signals), next_cursor: null };
    const regimes = /^\/api\/v1\/regimes\/([^/]+)$/.exec(path)?.[1];
    if (regimes !== undefined) {
      const changes = rows(this.regimes).filter(({ symbol }) => symbol === regimes);
      return { symbol: regimes, current: [], changes, next_cursor: null };
    }
    const explained = /^\/api\/v1\/explain\/(\d+)$/.exec(path)?.[1];
    return explained === undefined ? undefined : this.#explain(Number(explained));
  }

  #explain(id: number): unknown {
    const all: readonly ServerEvent[] = [...this.patterns, ...this.signals, ...this.alerts];
    const statement = all.find((event) => event.id === id);
    if (statement === undefined) return undefined;
    const [pattern] = this.patterns;
    return {
      id,
      type: statement.type,
      statement,
      probability: { percent: 47.1, ...NO_EDGE },
      patterns: statement.type === 'signal' && pattern !== undefined ? [pattern] : [],
      bar: null,
      trades: { count: 0, shown: [], note: 'No trades of this interval are held.' },
      clocks: { timestamp: 'the engine' },
    };
  }
}
