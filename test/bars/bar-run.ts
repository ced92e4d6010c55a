import {
  BarBuilder,
  type BarBuilderOptions,
  type BarSink,
  ContinuousBarClock,
  conditionRules,
} from '../../src/bars/index.ts';
import { TimerQueue } from '../../src/base/index.ts';
import { type Bar, type BarChange, EventBatch, EventKind, parseTimeframe, Universe } from '../../src/model/index.ts';

/** One event of a test tape. */
export interface TapeEvent {
  readonly kind: 'trade' | 'cancel' | 'correct' | 'quote' | 'bar';
  readonly symbol?: number;
  readonly ts: number;
  readonly recv: number;
  readonly price: number;
  readonly size: number;
  readonly id?: number | string;
  readonly conditions?: string;
  readonly ask?: number;
  /** Of a source bar: length in microseconds, and open, high, low, close, volume, vwap, count. */
  readonly lengthUs?: number;
  readonly values?: readonly number[];
}

export interface SaidBar {
  readonly change: BarChange | 'retracted';
  readonly bar: Bar;
}

/** A bar builder with an engine's timer loop around it, and a list of all that it says. */
export class BarRun {
  readonly said: SaidBar[] = [];
  readonly repairs: [number, number, number, number][] = [];
  readonly timers = new TimerQueue();
  readonly universe = new Universe();
  readonly builder: BarBuilder;
  readonly timeframes: readonly string[];
  private readonly batch = new EventBatch(1);

  constructor(timeframes: readonly string[], options: Partial<BarBuilderOptions> & { rulesId?: string } = {}) {
    this.timeframes = timeframes;
    for (const symbol of ['AAA', 'BBB', 'CCC']) this.universe.intern(symbol);
    this.universe.intern('EURUSD');
    this.universe.sources.intern('test');
    const parsed = timeframes.map(parseTimeframe);
    const sink: BarSink = {
      onBar: (bar, change) => void this.said.push({ change, bar }),
      onBarRetracted: (bar) => void this.said.push({ change: 'retracted', bar }),
      onRepairNeeded: (...repair) => void this.repairs.push(repair),
    };
    this.builder = new BarBuilder({
      universe: this.universe,
      timeframes: parsed,
      clock: new ContinuousBarClock(parsed),
      rules: conditionRules(options.rulesId ?? 'sip'),
      ringCapacity: 2000,
      sink,
      setTimer: (dueUs) => this.timers.set(dueUs, 0, 0),
      ...options,
    });
  }

  advance(toUs: number): void {
    while (this.timers.nextDueUs <= toUs) {
      const dueUs = this.timers.nextDueUs;
      this.timers.pop();
      this.builder.advance(dueUs);
      this.builder.onTimer(dueUs);
    }
    this.builder.advance(toUs);
  }

  handle(event: TapeEvent): void {
    this.advance(event.recv);
    const { batch, builder } = this;
    batch.clear();
    const kind = {
      trade: EventKind.Trade,
      cancel: EventKind.Cancel,
      correct: EventKind.Correction,
      quote: EventKind.Quote,
      bar: EventKind.SourceBar,
    };
    const row = batch.begin(kind[event.kind], event.symbol ?? 0, 1, event.ts, event.recv);
    batch.p0[row] = event.price;
    batch.p1[row] = event.size;
    batch.conditions[row] = this.universe.conditions.intern(event.conditions ?? '');
    if (event.id !== undefined) batch.setId(row, event.id);
    if (event.kind === 'trade') builder.addTrade(batch, row, 1);
    else if (event.kind === 'cancel') builder.cancel(batch, row);
    else if (event.kind === 'correct') builder.correct(batch, row, 1);
    else if (event.kind === 'quote') {
      batch.p2[row] = event.ask ?? event.price;
      batch.p3[row] = 1;
      builder.addQuote(batch, row, 1);
    } else {
      const columns = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6];
      columns.forEach((column, i) => {
        column[row] = event.values?.[i] ?? Number.NaN;
      });
      batch.p7[row] = event.lengthUs ?? Number.NaN;
      builder.addSourceBar(batch, row, 1);
    }
  }

  run(events: Iterable<TapeEvent>): this {
    for (const event of events) this.handle(event);
    return this;
  }

  /** Fires everything that is pending. */
  finish(): this {
    while (this.timers.size > 0) this.advance(this.timers.nextDueUs);
    return this;
  }

  /** The last word on every bar, as comparable lines by symbol, timeframe and start; retracted bars are absent. */
  finalBars(): Map<string, string> {
    const last = new Map<string, SaidBar>();
    for (const said of this.said) last.set(keyOf(said.bar), said);
    const lines = new Map<string, string>();
    for (const key of [...last.keys()].sort()) {
      const { change, bar } = last.get(key) as SaidBar;
      if (change !== 'retracted') lines.set(key, valuesOf(bar));
    }
    return lines;
  }

  /** Every word in order. */
  transcript(): string[] {
    return this.said.map(
      ({ change, bar }) => `${change} ${keyOf(bar)} ${bar.revision} ${valuesOf(bar)} ${bar.quality}`,
    );
  }
}

export function keyOf(bar: Pick<Bar, 'symbol' | 'timeframe' | 'startUs'>): string {
  return `${bar.symbol}/${bar.timeframe}/${String(bar.startUs).padStart(18, '0')}`;
}

export function valuesOf(bar: Bar): string {
  return [bar.open, bar.high, bar.low, bar.close, bar.volume, bar.vwap, bar.trades].join(' ');
}
