import type {
  BarEvent,
  FeatureSnapshot,
  FeaturesEvent,
  GapEvent,
  GapRow,
  RunStatus,
  ServerEvent,
  SymbolList,
  TradeEvent,
} from '../../src/api/protocol/index.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { type Bar, type BarSeries, toBar } from './bar-series.ts';
import { EngineClock } from './engine-clock.ts';
import { EventLog } from './event-log.ts';
import { type Freshness, freshness } from './freshness.ts';
import { Happenings } from './happenings.ts';
import { StatementBook } from './statement-book.ts';
import { SymbolState } from './symbol-state.ts';

/** The timeframe that the symbol table lives on, where the run builds it. */
const TABLE_TIMEFRAME = '1m';

/** Trades kept for the open symbol. Policy: drop-oldest; the tape itself is in the stores. */
export const TRADE_LIMIT = 60;

/** What can have changed since the last frame. */
export type Topic = 'symbols' | 'run' | 'series' | 'trades' | 'features' | 'gaps' | 'log' | 'connection';

/** Everything the page shows, without any notion of how. Events and HTTP answers go in; screens read. */
export class LiveStore {
  readonly symbols = new Map<string, SymbolState>();
  readonly clock = new EngineClock();
  readonly log = new EventLog();
  readonly statements = new StatementBook();
  readonly #happenings = new Happenings(this.log);
  readonly gaps = new Map<string, GapRow>();
  /** Gaps under repair, by symbol. */
  readonly repairs = new Map<string, GapRow>();
  run: RunStatus | undefined;
  /** Whether the list of symbols was read: without it, none is not yet none. */
  isListed = false;
  staleAfterMs = 10_000;
  timeframes: readonly string[] = ['1s', '1m', '5m', '15m', '30m', '1h', '1d'];
  /** Bars of the symbol that is open on the Symbol screen. */
  series: BarSeries | undefined;
  features: FeatureSnapshot | undefined;
  trades: TradeEvent[] = [];
  /** Starts of bars changed since the chart last looked, and whether one was put in between others. */
  changedStarts = new Set<number>();
  hasInserted = false;
  revisionsSeen = 0;
  /** The server no longer has what was missed: state has to be read anew by HTTP. */
  mustReload = false;
  eventsApplied = 0;
  /** What changed since the last frame; whoever paints clears it. */
  readonly changed = new Set<Topic>();

  /** The timeframe that the symbol table lives on: minutes, or else the shortest that is built. */
  get tableTimeframe(): string {
    return this.timeframes.includes(TABLE_TIMEFRAME) ? TABLE_TIMEFRAME : (this.timeframes[0] ?? TABLE_TIMEFRAME);
  }

  applySymbols(list: SymbolList): void {
    this.isListed = true;
    this.staleAfterMs = list.stale_after_s * 1000;
    this.timeframes = list.timeframes;
    for (const row of list.symbols) {
      const held = this.symbols.get(row.symbol);
      if (held === undefined) this.symbols.set(row.symbol, new SymbolState(row));
      else held.refresh(row);
    }
    this.changed.add('symbols');
  }

  applyRun(run: RunStatus, nowMs: number): void {
    this.run = run;
    this.clock.set(epochMs(run.engine_time), nowMs, run.mode === 'replay' ? (run.speed ?? 0) : 1);
    this.changed.add('run');
  }

  applyGap(gap: GapRow): void {
    this.gaps.set(`${gap.symbol}|${gap.source}|${gap.from}`, gap);
    if (gap.state === 'backfilling') this.repairs.set(gap.symbol, gap);
    else if (this.repairs.get(gap.symbol)?.from === gap.from) this.repairs.delete(gap.symbol);
    this.changed.add('gaps');
  }

  /** Opens a series for the Symbol screen; events of other symbols and timeframes no longer reach it. */
  openSeries(series: BarSeries | undefined): void {
    this.series = series;
    if (series !== undefined) this.statements.openSeries(series.symbol, series.timeframe);
    this.features = undefined;
    this.trades = [];
    this.changedStarts.clear();
    this.hasInserted = false;
  }

  /** Age of a symbol's newest event in engine time, or undefined without one. */
  ageMs(symbol: SymbolState, nowMs: number): number | undefined {
    const engineMs = this.clock.nowMs(nowMs);
    if (engineMs === undefined || symbol.lastEventMs === undefined) return undefined;
    return Math.max(0, engineMs - symbol.lastEventMs);
  }

  freshness(symbol: SymbolState, nowMs: number): Freshness {
    return freshness(this.ageMs(symbol, nowMs), symbol.isInSession, this.staleAfterMs);
  }

  /** Symbols without news for too long, in session. */
  staleCount(nowMs: number): number {
    let count = 0;
    for (const symbol of this.symbols.values()) if (this.freshness(symbol, nowMs) === 'stale') count += 1;
    return count;
  }

  /** Takes events in, in order. */
  apply(events: readonly ServerEvent[], nowMs: number): void {
    for (const event of events) {
      this.eventsApplied += 1;
      switch (event.type) {
        case 'bar':
          this.#applyBar(event);
          break;
        case 'trade':
          this.#applyTrade(event);
          break;
        case 'features':
          this.#applyFeatures(event);
          break;
        case 'gap':
          this.#applyGapEvent(event);
          break;
        case 'stats':
          this.applyRun(event, nowMs);
          break;
        case 'alert':
          this.statements.alert(event, true);
          this.#noteAlert(String(event.id ?? event.message), epochMs(event.timestamp), event.symbol, event.message);
          break;
        case 'pattern_match':
          this.statements.pattern(event);
          break;
        case 'regime_change':
          this.statements.regime(event);
          break;
        case 'signal':
          this.statements.signal(event);
          break;
        case 'outcome':
          this.statements.outcome(event);
          break;
        case 'resync':
          this.mustReload = true;
          break;
        case 'error':
          this.#noteAlert(
            `error|${this.eventsApplied}`,
            nowMs,
            undefined,
            event.message ?? event.code ?? 'the server refused a message',
          );
          break;
        default:
          // Answers to the page's own messages change nothing that is shown; a channel added later is not ours yet.
          break;
      }
    }
  }

  #applyBar(bar: BarEvent): void {
    const state = this.symbols.get(bar.symbol);
    if (bar.timeframe === this.tableTimeframe && state !== undefined) {
      state.applyBar(bar);
      this.changed.add('symbols');
    }
    if (bar.final && bar.revision > 0) this.#noteRevision(bar);
    if (this.series?.symbol === bar.symbol && this.series.timeframe === bar.timeframe) {
      this.applySeriesBar(toBar(bar));
    }
  }

  /** Takes a bar of the open series in, from wherever it came. */
  applySeriesBar(bar: Bar): void {
    const change = this.series?.apply(bar);
    if (change === undefined || change === 'ignored') return;
    if (change === 'inserted') this.hasInserted = true;
    this.changedStarts.add(bar.startMs);
    this.changed.add('series');
  }

  #noteRevision(bar: BarEvent): void {
    const digits = this.symbols.get(bar.symbol)?.digits ?? 2;
    if (this.#happenings.revised(bar, digits)) this.revisionsSeen += 1;
    this.changed.add('log');
  }

  #applyTrade(trade: TradeEvent): void {
    this.symbols.get(trade.symbol)?.applyNews(epochMs(trade.timestamp));
    if (this.series?.symbol !== trade.symbol) return;
    this.trades.unshift(trade);
    if (this.trades.length > TRADE_LIMIT) this.trades.length = TRADE_LIMIT;
    this.changed.add('trades');
  }

  #applyFeatures(event: FeaturesEvent): void {
    const held = this.features;
    if (held === undefined || held.symbol !== event.symbol || held.timeframe !== event.timeframe) return;
    if (held.start !== null && epochMs(event.start) < epochMs(held.start)) return;
    const isNext = held.start === null || epochMs(event.start) > epochMs(held.start);
    this.features = {
      ...held,
      start: event.start,
      features: held.features.map((feature) => {
        const value = event.values[feature.name];
        if (value === undefined) return feature;
        if (value !== null) return { ...feature, value, bars_to_warm: 0 };
        return { ...feature, value, bars_to_warm: Math.max(1, feature.bars_to_warm - (isNext ? 1 : 0)) };
      }),
    };
    this.changed.add('features');
  }

  #applyGapEvent(gap: GapEvent): void {
    this.applyGap(gap);
    this.#happenings.gap(gap);
    this.changed.add('log');
  }

  #noteAlert(key: string, timeMs: number, symbol: string | undefined, text: string): void {
    this.log.put({ key: `alert|${key}`, kind: 'alert', timeMs, symbol, text });
    this.changed.add('log');
  }
}
