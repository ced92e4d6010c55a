import type {
  BarEvent,
  BarRow,
  FeatureSnapshot,
  GapRow,
  QuarantineRow,
  RunStatus,
  ServerEvent,
  SourceRow,
  SymbolRow,
} from '../../../src/api/protocol/index.ts';

/** One made-up symbol. */
export interface FixtureSymbol {
  readonly symbol: string;
  readonly assetClass: SymbolRow['asset_class'];
  readonly zone: string;
  readonly price: number;
  /** How long ago its newest event was; ticking symbols are at 0. */
  readonly silentForMs?: number;
  readonly isClosed?: boolean;
}

const MINUTE_MS = 60_000;
const HISTORY = 1_300;

/** Repeatable noise in [-1, 1). */
function noise(seed: number): number {
  const x = Math.sin(seed * 12.9898) * 43758.5453;
  return (x - Math.floor(x)) * 2 - 1;
}

/** RFC 3339 of a time in milliseconds. */
export function rfc3339(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** A small market that ticks on request: enough of a server's state to show every state of the page. */
export class MarketFixture {
  readonly symbols: FixtureSymbol[];
  readonly bars = new Map<string, BarRow[]>();
  readonly gaps: GapRow[] = [];
  readonly quarantine: QuarantineRow[] = [];
  readonly lastEventMs = new Map<string, number>();
  mode: RunStatus['mode'] = 'demo';
  speed: number | null = null;
  sources: SourceRow[];
  breakersOpen = 0;
  featuresToWarm = 6;
  #nextId = 1;
  #tick = 0;
  #events = 0;

  constructor(symbols: readonly FixtureSymbol[], nowMs: number) {
    this.symbols = [...symbols];
    this.sources = [
      {
        id: 'demo',
        state: 'live',
        breaker: 'closed',
        events_per_s: 240,
        lag_ms: 1.2,
        quota: null,
        last_event_at: rfc3339(nowMs),
        last_error: null,
        role: 'serving',
        serves: 1,
        take_overs: 0,
        clock_skew_ms: null,
        reconnects: 0,
        symbols: symbols.length,
        outages: [],
      },
    ];
    for (const [index, symbol] of symbols.entries()) {
      this.bars.set(symbol.symbol, this.#history(symbol, index, nowMs));
      this.lastEventMs.set(symbol.symbol, nowMs - (symbol.silentForMs ?? 0));
    }
  }

  nextId(): number {
    this.#nextId += 1;
    return this.#nextId;
  }

  run(nowMs: number): RunStatus {
    return {
      mode: this.mode,
      speed: this.speed,
      run_id: 'run-fixture-1',
      version: '0.1.0',
      digest: (0x9f3ac41b + this.#events).toString(16).padStart(16, '0'),
      engine_time: rfc3339(nowMs),
      lag_ms: 1.4,
      uptime_s: 125,
      events: this.#events,
      events_per_s: 240,
      stale: 0,
      symbols: this.symbols.length,
      breakers_open: this.breakersOpen,
      training: 'off',
      can_break: this.mode === 'demo',
    };
  }

  symbolRow(symbol: FixtureSymbol): SymbolRow {
    const bars = this.bars.get(symbol.symbol) ?? [];
    const last = bars[bars.length - 1];
    const reference = bars[Math.max(0, bars.length - 400)]?.close ?? symbol.price;
    const lastMs = this.lastEventMs.get(symbol.symbol) as number;
    const change = last === undefined ? null : last.close - reference;
    return {
      symbol: symbol.symbol,
      asset_class: symbol.assetClass,
      calendar: symbol.assetClass === 'equity' ? 'us-equity' : symbol.assetClass,
      zone: symbol.zone,
      currency: 'USD',
      session: {
        state: symbol.isClosed === true ? 'closed' : symbol.assetClass === 'equity' ? 'open' : 'always',
        next_change: symbol.assetClass === 'equity' ? rfc3339(lastMs + 3 * 3_600_000) : null,
      },
      last: last?.close ?? null,
      change,
      change_ratio: change === null ? null : change / reference,
      last_event_at: last === undefined ? null : rfc3339(lastMs),
      stale: (symbol.silentForMs ?? 0) > 10_000,
      quality: last?.quality ?? null,
      source: last === undefined ? null : 'demo',
      sparkline: bars.slice(-60).map((bar) => bar.close),
    };
  }

  features(symbol: string, timeframe: string): FeatureSnapshot {
    const bars = this.bars.get(symbol) ?? [];
    const closed = bars[bars.length - 2];
    const warm = (name: string, value: number, unit: string, description: string) => ({
      name,
      value,
      unit,
      description,
      bars_to_warm: 0,
    });
    return {
      symbol,
      timeframe,
      start: closed?.start ?? null,
      features: [
        warm('sma_20', closed?.close ?? 0, 'price', 'Simple moving average of 20 closes'),
        warm('ema_12', closed?.close ?? 0, 'price', 'Exponential moving average of 12 closes'),
        {
          name: 'rsi_14',
          value: this.featuresToWarm > 0 ? null : 54.2,
          unit: '0-100',
          description: 'Relative strength index, Wilder, 14 bars',
          bars_to_warm: this.featuresToWarm,
        },
        warm('atr_14', 0.42, 'price', 'Average true range, Wilder, 14 bars'),
        warm('obv', 1_250_300, 'shares', 'On-balance volume'),
      ],
    };
  }

  /** One tick of every symbol that ticks: the events as the server would send them. */
  tick(nowMs: number): readonly ServerEvent[] {
    this.#tick += 1;
    const events: ServerEvent[] = [];
    for (const [index, symbol] of this.symbols.entries()) {
      if (symbol.silentForMs !== undefined || symbol.isClosed === true) continue;
      events.push(...this.#tickSymbol(symbol, index, nowMs));
    }
    this.#events += events.length;
    return events;
  }

  /** A late trade changes the bar that closed `back` bars ago. */
  revise(symbol: string, back: number, nowMs: number): BarEvent {
    const bars = this.bars.get(symbol) as BarRow[];
    const index = bars.length - 1 - back;
    const bar = bars[index] as BarRow;
    const revised: BarRow = {
      ...bar,
      high: bar.high * 1.0005,
      close: bar.close * 1.0002,
      volume: bar.volume + 100,
      trade_count: bar.trade_count + 1,
      revision: bar.revision + 1,
    };
    bars[index] = revised;
    return this.barEvent(symbol, revised, nowMs);
  }

  barEvent(symbol: string, bar: BarRow, nowMs: number): BarEvent {
    return { ...bar, type: 'bar', id: this.nextId(), timestamp: rfc3339(nowMs), symbol };
  }

  #tickSymbol(symbol: FixtureSymbol, index: number, nowMs: number): readonly ServerEvent[] {
    const bars = this.bars.get(symbol.symbol) as BarRow[];
    const events: ServerEvent[] = [];
    const startMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
    let forming = bars[bars.length - 1];
    const move = 1 + noise(this.#tick * 31 + index * 7) * 0.0004;
    const price = (forming?.close ?? symbol.price) * move;
    if (forming === undefined || Date.parse(forming.start) < startMs) {
      if (forming !== undefined) {
        const final = { ...forming, final: true };
        bars[bars.length - 1] = final;
        events.push(this.barEvent(symbol.symbol, final, nowMs));
      }
      forming = barOf(startMs, price, 0, 0);
      bars.push(forming);
    }
    const next: BarRow = {
      ...forming,
      high: Math.max(forming.high, price),
      low: Math.min(forming.low, price),
      close: price,
      volume: forming.volume + 25,
      trade_count: forming.trade_count + 1,
    };
    bars[bars.length - 1] = next;
    this.lastEventMs.set(symbol.symbol, nowMs);
    events.push(this.barEvent(symbol.symbol, next, nowMs));
    events.push({
      type: 'trade',
      id: this.nextId(),
      timestamp: rfc3339(nowMs),
      symbol: symbol.symbol,
      price,
      size: 25,
      source: 'demo',
    });
    return events;
  }

  #history(symbol: FixtureSymbol, index: number, nowMs: number): BarRow[] {
    const lastMs = Math.floor((nowMs - (symbol.silentForMs ?? 0)) / MINUTE_MS) * MINUTE_MS;
    const bars: BarRow[] = [];
    let price = symbol.price;
    for (let back = HISTORY; back >= 0; back -= 1) {
      const seed = index * 1000 + back;
      const bar = barOf(
        lastMs - back * MINUTE_MS,
        price,
        noise(seed) * 0.0015,
        400 + Math.abs(noise(seed + 0.5)) * 900,
      );
      price = bar.close;
      bars.push(back === 0 && symbol.isClosed !== true ? { ...bar, final: false } : bar);
    }
    return bars;
  }
}

function barOf(startMs: number, open: number, move: number, volume: number): BarRow {
  const close = open * (1 + move);
  const reach = open * (Math.abs(move) * 0.4 + 0.0003);
  return {
    start: rfc3339(startMs),
    open,
    high: Math.max(open, close) + reach,
    low: Math.min(open, close) - reach,
    close,
    volume: Math.round(volume),
    vwap: (open + close) / 2,
    trade_count: Math.max(1, Math.round(volume / 20)),
    timeframe: '1m',
    final: volume > 0,
    revision: 0,
    source: 'demo',
    quality: 1,
  };
}
