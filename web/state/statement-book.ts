import type {
  AlertEvent,
  OutcomeEvent,
  PatternMatchEvent,
  RegimeChangeEvent,
  SignalEvent,
} from '../../src/api/protocol/index.ts';
import { epochMs } from '../time/chart-seconds.ts';

/** Bounds of what the page keeps. Policy at each: drop-oldest; the server's event log has the rest. */
export const PATTERN_LIMIT = 600;
export const REGIME_LIMIT = 400;
export const OUTCOME_LIMIT = 2_000;
export const ALERT_LIMIT = 500;

/** What the engine said: of the open series all, of the others the newest signal, and the alerts of the run. */
export class StatementBook {
  readonly #patterns = new Map<number, PatternMatchEvent>();
  readonly #regimes = new Map<number, RegimeChangeEvent>();
  readonly #outcomes = new Map<number, OutcomeEvent>();
  readonly #signals = new Map<string, SignalEvent>();
  readonly #alerts = new Map<number, AlertEvent>();
  #open: { readonly symbol: string; readonly timeframe: string } | undefined;
  droppedOldest = 0;
  /** Grows with every change; what is drawn compares it. */
  version = 0;
  /** Alerts that came over the socket since somebody last asked: what pop-ups are made of. */
  #fresh: AlertEvent[] = [];

  /** Pattern, regime and outcome events of other series are not taken. */
  openSeries(symbol: string, timeframe: string): void {
    this.#open = { symbol, timeframe };
    this.#patterns.clear();
    this.#regimes.clear();
    this.version += 1;
  }

  /** Patterns of the open series, newest first; what was amended stands in its newest wording. */
  get patterns(): readonly PatternMatchEvent[] {
    return [...this.#patterns.values()].sort((a, b) => epochMs(b.bar_start) - epochMs(a.bar_start) || b.id - a.id);
  }

  /** Regime changes of the open series that hold, oldest first. */
  get regimes(): readonly RegimeChangeEvent[] {
    return [...this.#regimes.values()].sort((a, b) => epochMs(a.bar_start) - epochMs(b.bar_start) || a.id - b.id);
  }

  get signals(): readonly SignalEvent[] {
    return [...this.#signals.values()];
  }

  /** Newest first. */
  get alerts(): readonly AlertEvent[] {
    return [...this.#alerts.values()].sort((a, b) => (b.id ?? 0) - (a.id ?? 0));
  }

  /** What became of a pattern or signal, where it has come to its end. */
  outcomeOf(id: number): OutcomeEvent | undefined {
    return this.#outcomes.get(id);
  }

  pattern(event: PatternMatchEvent): void {
    if (event.symbol !== this.#open?.symbol || event.timeframe !== this.#open.timeframe) return;
    if (event.replaces !== null) this.#patterns.delete(event.replaces);
    this.#put(this.#patterns, event.id, event, PATTERN_LIMIT);
  }

  regime(event: RegimeChangeEvent): void {
    if (event.symbol !== this.#open?.symbol || event.timeframe !== this.#open.timeframe) return;
    if (event.replaces !== null) this.#regimes.delete(event.replaces);
    if (event.change !== 'withdrawn') this.#put(this.#regimes, event.id, event, REGIME_LIMIT);
    this.version += 1;
  }

  outcome(event: OutcomeEvent): void {
    if (event.of !== null) this.#put(this.#outcomes, event.of, event, OUTCOME_LIMIT);
  }

  /** The newest signal of a series stays; symbols and timeframes of a run bound how many there are. */
  signal(event: SignalEvent): void {
    const key = `${event.symbol}|${event.timeframe}`;
    if ((this.#signals.get(key)?.id ?? 0) > event.id) return;
    this.#signals.set(key, event);
    this.version += 1;
  }

  /** @param isLive false for alerts that were read from the log: they pop up nowhere */
  alert(event: AlertEvent, isLive: boolean): void {
    if (event.id === undefined || this.#alerts.has(event.id)) return;
    this.#put(this.#alerts, event.id, event, ALERT_LIMIT);
    if (!isLive) return;
    this.#fresh.push(event);
    if (this.#fresh.length > ALERT_LIMIT) this.#fresh.shift();
  }

  /** Alerts that came live since the last call, oldest first. */
  takeFresh(): readonly AlertEvent[] {
    const taken = this.#fresh;
    this.#fresh = [];
    return taken;
  }

  #put<T extends { readonly id?: number }>(into: Map<number, T>, key: number, event: T, limit: number): void {
    into.set(key, event);
    this.version += 1;
    if (into.size <= limit) return;
    let oldest = key;
    for (const held of into.keys()) if (held < oldest) oldest = held;
    into.delete(oldest);
    this.droppedOldest += 1;
  }
}
