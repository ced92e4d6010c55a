import { conditionRules, RuleTable } from '../bars/index.ts';
import { TickloomError, type TimerQueue, US_PER_MINUTE, US_PER_SECOND } from '../base/index.ts';
import type { CommandPayload, EventBatch, Universe } from '../model/index.ts';
import { AnomalyDetector, Reason } from '../quality/index.ts';
import { AnomalyLog, type AnomalyLogSnapshot, type AnomalySpeaker } from './anomaly-log.ts';
import type { AnomalySettings } from './anomaly-settings.ts';
import type { EngineParts } from './engine-settings.ts';
import { joinSections, jsonBytes, parseJsonBytes, splitSections } from './sections.ts';
import { Staleness } from './staleness.ts';
import type { StatementIds } from './statement-ids.ts';

export interface AnomalyWatchOptions extends Pick<EngineParts, 'settings' | 'calendars' | 'timeframes'> {
  readonly universe: Universe;
  readonly timers: TimerQueue;
  /** Kind under which the owner hands timers back to {@link AnomalyWatch.onTimer}. */
  readonly timerKind: number;
  readonly engine: AnomalySpeaker;
  readonly ids: StatementIds;
}

/** An event that arrives later than this is history: it is part of the recent range, and no news. */
const NEWS_US = US_PER_MINUTE;
/** Price tier of trades that set every price of a bar, and the bit of those whose size counts (`src/bars/conditions`). */
const PRICE_TIER = 3;
const SETS_LAST = 2;
const COUNTS = 4;

/** Real-time quality: spikes, spread blow-outs, feeds that differ and stale symbols, said as anomalies. */
export class AnomalyWatch {
  private readonly options: AnomalyWatchOptions;
  private readonly volumeWindowS: number;
  private readonly log: AnomalyLog;
  private readonly detector: AnomalyDetector;
  private readonly staleness: Staleness;
  private readonly rules: RuleTable;
  /** Pairs of feeds (`symbol other`) that were said to differ. */
  private readonly diverged = new Set<string>();

  /** The watch that the settings ask for; undefined where they ask for none. */
  static of(options: AnomalyWatchOptions): AnomalyWatch | undefined {
    const { anomalies } = options.settings;
    return anomalies === undefined ? undefined : new AnomalyWatch(options, anomalies);
  }

  private constructor(options: AnomalyWatchOptions, settings: AnomalySettings) {
    const { universe, engine, ids } = options;
    this.options = options;
    this.volumeWindowS = settings.volumeWindowS;
    this.log = new AnomalyLog(engine, ids, settings.coolDownS * US_PER_SECOND);
    this.staleness = new Staleness({ ...options, staleAfterUs: settings.staleAfterS * US_PER_SECOND, log: this.log });
    this.rules = new RuleTable(conditionRules(options.settings.conditionRules), universe.conditions);
    this.detector = new AnomalyDetector(settings, {
      onPriceSpike: (symbol, price, usual, limit, barUs) => this.sayPrice(symbol, price, usual, limit, barUs),
      onVolumeSpike: (symbol, volume, limit, usual, barUs) => this.sayVolume(symbol, volume, limit, usual, barUs),
      onSpreadBlowout: (symbol, bps, limit, usual) => this.saySpread(symbol, bps, limit, usual),
    });
  }

  /** Anomalies that a cool-down kept back. */
  get suppressed(): number {
    return this.log.suppressed;
  }

  /** Takes an accepted trade with the verdict of the quality gate. */
  onTrade(batch: EventBatch, row: number, verdict: number): void {
    const symbol = batch.symbol[row] as number;
    const { assetClass, barBasis } = this.options.universe.instrument(symbol);
    // What publishes a figure once a month has neither a recent range nor a staleness of seconds.
    if (assetClass === 'macro') return;
    const tsUs = batch.tsEventUs[row] as number;
    this.staleness.note(symbol, tsUs, this.options.engine.nowUs);
    if ((verdict & Reason.OutOfOrder) !== 0) return;
    const rule = this.rules.ruleOf(batch.conditions[row] as number);
    const isTold = isNews(batch, row, verdict, 0);
    if ((rule & PRICE_TIER) === SETS_LAST && barBasis === 'trades') {
      this.detector.notePrice(symbol, tsUs, batch.p0[row] as number, isTold);
    }
    if ((rule & COUNTS) !== 0) this.detector.noteSize(symbol, tsUs, batch.p1[row] as number, isTold);
  }

  /** Takes an accepted quote. */
  onQuote(batch: EventBatch, row: number, verdict: number): void {
    const symbol = batch.symbol[row] as number;
    const tsUs = batch.tsEventUs[row] as number;
    this.staleness.note(symbol, tsUs, this.options.engine.nowUs);
    if ((verdict & (Reason.OutOfOrder | Reason.OneSided)) !== 0) return;
    const bid = batch.p0[row] as number;
    const ask = batch.p2[row] as number;
    if (!(ask > bid)) return;
    const isTold = isNews(batch, row, verdict, 0);
    this.detector.noteSpread(symbol, tsUs, bid, ask, isTold);
    if ((verdict & Reason.WideSpread) !== 0 || this.options.universe.instrument(symbol).barBasis !== 'mid') return;
    this.detector.notePrice(symbol, tsUs, bid / 2 + ask / 2, isTold);
  }

  /** Takes an accepted ready-made bar. */
  onSourceBar(batch: EventBatch, row: number, verdict: number): void {
    const symbol = batch.symbol[row] as number;
    if ((verdict & Reason.OutOfOrder) !== 0 || this.options.universe.instrument(symbol).assetClass === 'macro') return;
    const lengthUs = batch.p7[row] as number;
    this.detector.noteBar(
      symbol,
      batch.tsEventUs[row] as number,
      lengthUs,
      batch.p3[row] as number,
      batch.p4[row] as number,
      isNews(batch, row, 0, lengthUs),
    );
  }

  /** Takes a command event: a group of sources says that two of them differ, or agree again. */
  onCommand(batch: EventBatch, row: number): void {
    const payload = batch.payload[row];
    const symbol = batch.symbol[row] as number;
    if (payload?.type !== 'command' || symbol < 0 || symbol >= this.options.universe.size) return;
    if (payload.name !== 'feed_divergence' && payload.name !== 'feeds_agree') return;
    this.sayFeeds(symbol, payload);
  }

  onTimer(symbol: number, dueUs: number): void {
    this.staleness.onTimer(symbol, dueUs);
  }

  /** The tape ends. */
  finish(): void {
    this.staleness.finish();
  }

  private sayPrice(symbol: number, price: number, usual: number, limit: number, barUs: number): void {
    const value = Math.abs(price / usual - 1) * 100;
    const detail = `The price of ${this.nameOf(symbol)} went from ${short(usual)} to ${short(price)}: ${short(value)} %, more than ${short(limit)} %.`;
    this.log.say({ symbol, ...this.frameOf(barUs), kind: 'price_spike', value, limit, detail });
  }

  private sayVolume(symbol: number, value: number, limit: number, usual: number, barUs: number): void {
    const span = barUs > 0 ? 'a bar' : `${this.volumeWindowS} s`;
    const detail = `${this.nameOf(symbol)} traded ${short(value)} in ${span}, more than ${short(limit)}; usual is ${short(usual)}.`;
    this.log.say({ symbol, ...this.frameOf(barUs), kind: 'volume_spike', value, limit, detail });
  }

  private saySpread(symbol: number, value: number, limit: number, usual: number): void {
    const detail = `The spread of ${this.nameOf(symbol)} is ${short(value)} bps, more than ${short(limit)} bps; usual are ${short(usual)} bps.`;
    this.log.say({ symbol, kind: 'spread_blowout', value, limit, detail });
  }

  private sayFeeds(symbol: number, { name, arguments: said }: CommandPayload): void {
    const [serving, other] = [String(said['serving']), String(said['other'])];
    const value = Number(said['distance_bps']);
    const limit = Number(said['limit_bps'] ?? Number.NaN);
    const pair = `${symbol} ${other}`;
    const prices = `${serving} has ${short(Number(said['serving_price']))}, ${other} ${short(Number(said['other_price']))}`;
    if (name === 'feed_divergence') {
      const detail = `The feeds of ${this.nameOf(symbol)} differ by ${short(value)} bps: ${prices}.`;
      if (this.log.say({ symbol, kind: 'feed_divergence', value, limit, detail })) this.diverged.add(pair);
    } else if (this.diverged.delete(pair)) {
      const detail = `The feeds of ${this.nameOf(symbol)} agree again: ${prices}.`;
      this.log.sayOver({ symbol, kind: 'feed_divergence', value, limit, detail });
    }
  }

  /** The timeframe of a bar; none of an event. */
  private frameOf(barUs: number): { readonly timeframe?: number } {
    const timeframe = this.options.timeframes.findIndex(({ lengthUs }) => lengthUs === barUs);
    return timeframe < 0 ? {} : { timeframe };
  }

  private nameOf(symbol: number): string {
    return this.options.universe.symbol(symbol);
  }

  snapshot(): Uint8Array {
    const head: WatchHead = {
      log: this.log.snapshot(),
      staleness: this.staleness.snapshot(),
      diverged: [...this.diverged],
    };
    const state = this.detector.snapshot();
    return joinSections(
      new Map([
        ['head', jsonBytes(head)],
        ['detector', new Uint8Array(state.buffer, state.byteOffset, state.byteLength)],
      ]),
    );
  }

  /** @throws TickloomError `bad-snapshot` when a part is missing. */
  restore(bytes: Uint8Array): void {
    const sections = splitSections(bytes);
    const [head, detector] = ['head', 'detector'].map((name) => sections.get(name));
    if (head === undefined || detector === undefined) {
      throw new TickloomError('bad-snapshot', 'The snapshot of the anomalies is not complete.');
    }
    const { log, staleness, diverged } = parseJsonBytes(head) as WatchHead;
    this.log.restore(log);
    this.staleness.restore(staleness);
    this.diverged.clear();
    for (const pair of diverged) this.diverged.add(pair);
    this.detector.restore(new Float64Array(detector.slice().buffer));
  }
}

interface WatchHead {
  readonly log: AnomalyLogSnapshot;
  readonly staleness: readonly number[];
  readonly diverged: readonly string[];
}

/** Whether an event is of now and of a session. @param lengthUs of a bar, which is known at its end */
function isNews(batch: EventBatch, row: number, verdict: number, lengthUs: number): boolean {
  const knownUs = (batch.tsEventUs[row] as number) + lengthUs;
  return (verdict & Reason.OutsideSession) === 0 && (batch.tsRecvUs[row] as number) - knownUs <= NEWS_US;
}

/** A number as a reader wants it. */
function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
