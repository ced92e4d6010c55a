import type { SessionState, SymbolFreshness, SymbolRow } from '../../api/index.ts';
import { formatMicros, US_PER_DAY, US_PER_SECOND } from '../../base/index.ts';
import type { Calendars, TradingCalendar } from '../../calendar/index.ts';
import type { Engine } from '../../engine/index.ts';
import { freshness } from '../../quality/index.ts';
import type { RunMeter } from './run-meter.ts';

/** Closes in a sparkline. */
const SPARKLINE = 60;

/** What is to be said about each symbol now, from the engine's views. */
export class SymbolBoard {
  private readonly engine: Engine;
  private readonly meter: RunMeter;
  private readonly calendars: Calendars;
  private readonly staleAfterUs: number;
  /** Index of the one-minute timeframe, or of the shortest one. */
  private readonly sparkTimeframe: number;

  constructor(engine: Engine, meter: RunMeter, staleAfterS: number) {
    this.engine = engine;
    this.meter = meter;
    this.calendars = engine.parts.calendars;
    this.staleAfterUs = staleAfterS * US_PER_SECOND;
    this.sparkTimeframe = Math.max(
      0,
      engine.timeframes.findIndex((timeframe) => timeframe.text === '1m'),
    );
  }

  rows(): readonly SymbolRow[] {
    const nowUs = this.engine.nowUs;
    return this.engine.universe.instruments().map((instrument, symbol) => {
      const calendar = this.calendars.get(instrument.calendar);
      const lastEventUs = this.engine.lastEventUs(symbol);
      const last = this.lastPrice(symbol);
      const reference = this.referenceClose(symbol, calendar);
      const change = last === undefined || reference === undefined ? null : last - reference;
      return {
        symbol: instrument.symbol,
        asset_class: instrument.assetClass,
        calendar: instrument.calendar,
        zone: calendar.zone,
        currency: instrument.currency,
        session: sessionState(calendar, nowUs),
        last: last ?? null,
        change,
        change_ratio: change === null ? null : change / (reference as number),
        last_event_at: lastEventUs === undefined ? null : formatMicros(lastEventUs),
        stale: this.isStale(symbol),
        quality: this.meter.quality(symbol) ?? null,
        source: this.meter.sourceNameOf(symbol) ?? null,
        sparkline: this.sparkline(symbol),
      };
    });
  }

  /** Age and staleness by symbol, in engine time. */
  freshness(): Record<string, SymbolFreshness> {
    const rows: Record<string, SymbolFreshness> = {};
    this.engine.universe.instruments().forEach((instrument, symbol) => {
      rows[instrument.symbol] = this.freshnessRow(symbol);
    });
    return rows;
  }

  /** The same of one symbol. */
  freshnessRow(symbol: number): SymbolFreshness {
    const { state, ageUs } = this.freshnessOf(symbol);
    return { age_s: ageUs === undefined ? null : ageUs / US_PER_SECOND, stale: state === 'stale' };
  }

  staleCount(): number {
    let count = 0;
    for (let symbol = 0; symbol < this.engine.universe.size; symbol++) if (this.isStale(symbol)) count++;
    return count;
  }

  private isStale(symbol: number): boolean {
    return this.freshnessOf(symbol).state === 'stale';
  }

  private freshnessOf(symbol: number) {
    const calendar = this.calendars.get(this.engine.universe.instrument(symbol).calendar);
    // Before the first event there is no time yet; where it follows the events, that may last.
    const nowUs = Number.isFinite(this.engine.nowUs) ? this.engine.nowUs : 0;
    return freshness(this.engine.lastEventUs(symbol), nowUs, calendar, this.staleAfterUs);
  }

  private lastPrice(symbol: number): number | undefined {
    const { price, bid, ask } = this.engine.lastQuoteAndPrice(symbol);
    if (!Number.isNaN(price)) return price;
    const mid = (bid + ask) / 2;
    return Number.isNaN(mid) ? undefined : mid;
  }

  /** The close that a change is measured against: of the session before, or of a day ago where trading never stops. */
  private referenceClose(symbol: number, calendar: TradingCalendar): number | undefined {
    const series = this.engine.series(symbol, this.sparkTimeframe);
    if (series.length === 0) return undefined;
    const span = calendar.spanAt(this.engine.nowUs);
    const neverStops = calendar.id === 'always' || calendar.id === 'crypto';
    const atUs = neverStops ? this.engine.nowUs - US_PER_DAY : span.startUs;
    const found = series.find(atUs);
    const next = found < 0 ? -1 - found : found;
    const index = Math.max(0, next - 1);
    return series.close[series.slot(index)];
  }

  private sparkline(symbol: number): number[] {
    const series = this.engine.series(symbol, this.sparkTimeframe);
    const from = Math.max(0, series.length - SPARKLINE);
    return Array.from({ length: series.length - from }, (_, i) => series.close[series.slot(from + i)] as number);
  }
}

function sessionState(calendar: TradingCalendar, nowUs: number): SessionState {
  if (calendar.id === 'always' || calendar.id === 'crypto') return { state: 'always', next_change: null };
  if (!Number.isFinite(nowUs)) return { state: 'closed', next_change: null };
  const span = calendar.spanAt(nowUs);
  const kind = span.session?.kind;
  const state = kind === undefined ? 'closed' : kind === 'pre' || kind === 'post' ? kind : 'open';
  const nextUs = kind === undefined ? calendar.nextSession(nowUs)?.startUs : span.endUs;
  return { state, next_change: nextUs === undefined ? null : formatMicros(nextUs) };
}
