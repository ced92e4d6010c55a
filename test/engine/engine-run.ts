import {
  CountingSink,
  DEFAULT_ENGINE_SETTINGS,
  DigestSink,
  Engine,
  type EngineSettings,
  type EngineSink,
  FinalBarsDigestSink,
  fanOut,
} from '../../src/engine/index.ts';
import {
  type Bar,
  EventBatch,
  EventKind,
  type EventPayload,
  type Gap,
  type Instrument,
  Universe,
} from '../../src/model/index.ts';

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
/** 2026-11-20T15:00:00Z, the start of every bar up to an hour. */
export const T0 = 1_795_186_800 * SECOND;

/** One event of a test tape; times are microseconds after {@link T0}. */
export interface TapeEvent {
  readonly kind: 'trade' | 'quote' | 'bar' | 'cancel' | 'correct' | 'status' | 'gap' | 'tick' | 'malformed';
  readonly symbol?: number;
  readonly ts: number;
  /** Receive time; without it the event is received when it happened. */
  readonly recv?: number;
  readonly numbers?: readonly number[];
  readonly id?: number | string;
  readonly payload?: EventPayload;
  readonly source?: string;
}

const KINDS = {
  trade: EventKind.Trade,
  quote: EventKind.Quote,
  bar: EventKind.SourceBar,
  cancel: EventKind.Cancel,
  correct: EventKind.Correction,
  status: EventKind.Status,
  gap: EventKind.Gap,
  tick: EventKind.Tick,
  malformed: EventKind.Malformed,
} as const;

export function trade(ts: number, price: number, size: number, more: Partial<TapeEvent> = {}): TapeEvent {
  return { kind: 'trade', ts, numbers: [price, size], ...more };
}

const SYMBOLS = ['AAA', 'BBB', 'CCC'];

function instrument(symbol: string): Instrument {
  return { symbol, assetClass: 'crypto', calendar: 'always', currency: 'USD', barBasis: 'trades' };
}

export function testUniverse(): Universe {
  const universe = new Universe();
  for (const symbol of SYMBOLS) universe.add(instrument(symbol));
  return universe;
}

export function batchOf(events: readonly TapeEvent[], universe: Universe): EventBatch {
  const batch = new EventBatch(Math.max(1, events.length));
  for (const event of events) {
    const { kind, ts, recv = ts, symbol = 0, numbers = [], id, payload, source = 'test' } = event;
    const row = batch.begin(KINDS[kind], symbol, universe.sources.intern(source), T0 + ts, T0 + recv);
    const columns = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7];
    columns.forEach((column, i) => {
      column[row] = numbers[i] ?? Number.NaN;
    });
    if (id !== undefined) batch.setId(row, id);
    if (payload !== undefined) batch.payload[row] = payload;
  }
  return batch;
}

export interface SaidFeatures {
  readonly bar: Bar;
  readonly values: readonly number[];
}

/** An engine with its digests and everything that it said. */
export class EngineRun {
  readonly universe = testUniverse();
  readonly engine: Engine;
  readonly digest: DigestSink;
  readonly finals: FinalBarsDigestSink;
  readonly counts = new CountingSink();
  readonly bars: { readonly bar: Bar; readonly change: string }[] = [];
  readonly features: SaidFeatures[] = [];
  readonly gaps: Gap[] = [];
  readonly rejects: string[] = [];
  readonly repairs: string[] = [];
  /** Every word in order, in short. */
  readonly words: string[] = [];

  constructor(settings: Partial<EngineSettings> = {}) {
    this.engine = new Engine(
      { ...DEFAULT_ENGINE_SETTINGS, timeframes: ['1s', '1m'], features: ['sma_3', 'ema_5', 'rsi_3'], ...settings },
      this.universe,
      {},
    );
    const { timeframes, plan } = this.engine.parts;
    this.digest = new DigestSink(
      this.universe,
      timeframes.map(({ text }) => text),
      plan.names.length,
    );
    this.finals = new FinalBarsDigestSink(this.universe, timeframes);
    this.engine.sink = fanOut([this.digest, this.finals, this.counts, this.listener(plan.names.length)]);
  }

  private listener(width: number): EngineSink {
    return {
      onTrade: (batch, row) => void this.words.push(`trade ${(batch.tsEventUs[row] as number) - T0}`),
      onQuote: (batch, row) => void this.words.push(`quote ${(batch.tsEventUs[row] as number) - T0}`),
      onBar: (bar, change) => {
        this.bars.push({ bar, change });
        this.words.push(`${change} ${this.nameOf(bar)}`);
      },
      onBarRetracted: (bar, change) => {
        this.bars.push({ bar, change: `retracted-${change}` });
        this.words.push(`retracted ${this.nameOf(bar)}`);
      },
      onFeatures: (bar, values, offset) =>
        void this.features.push({ bar, values: [...values.subarray(offset, offset + width)] }),
      onGap: (gap) => void this.gaps.push(gap),
      onReject: (_batch, _row, reason) => void this.rejects.push(reason),
      onRepairNeeded: (symbol, timeframe, startUs) =>
        void this.repairs.push(`${symbol} ${this.engine.timeframes[timeframe]?.text} ${startUs - T0}`),
    };
  }

  private nameOf(bar: Bar): string {
    return `${this.engine.timeframes[bar.timeframe]?.text} ${bar.startUs - T0}`;
  }

  handle(...events: readonly TapeEvent[]): this {
    this.engine.handle(batchOf(events, this.universe));
    return this;
  }

  /** What was said of one timeframe's bars. */
  barsOf(timeframe: string): { readonly bar: Bar; readonly change: string }[] {
    return this.bars.filter(({ bar }) => this.engine.timeframes[bar.timeframe]?.text === timeframe);
  }

  /** The last vector said for each bar of a timeframe, by start. */
  lastFeatures(timeframe: string, symbol = 0): ReadonlyMap<number, readonly number[]> {
    const last = new Map<number, readonly number[]>();
    for (const { bar, values } of this.features) {
      if (bar.symbol !== symbol || this.engine.timeframes[bar.timeframe]?.text !== timeframe) continue;
      last.set(bar.startUs - T0, values);
    }
    return last;
  }
}
