import { BarBuilder, type BarSeries, CalendarBarClock, conditionRules } from '../bars/index.ts';
import { formatMicros, joinParts, TickloomError, TimerQueue } from '../base/index.ts';
import { type Bar, type EventBatch, EventKind, type Regime, type Timeframe, type Universe } from '../model/index.ts';
import { ARRIVAL_REASONS, QualityGate, quarantineRecord, Reject, rejectName, scoreOf } from '../quality/index.ts';
import { AnomalyWatch } from './anomaly-watch.ts';
import { BarStages } from './bar-stages.ts';
import type { EngineCounters } from './engine-counters.ts';
import { type EngineParts, type EngineSettings, readSettings } from './engine-settings.ts';
import { type EngineStages, loadEngine, saveEngine } from './engine-snapshot.ts';
import { GapLedger } from './gap-ledger.ts';
import { GapWatch, type Held } from './gap-watch.ts';
import type { EngineSink } from './ports.ts';
import { StatementIds } from './statement-ids.ts';
import { TradeDateStamps } from './trade-date-stamps.ts';

/** Meanings of the engine's timers. */
const TIMER_BARS = 1;
const TIMER_SILENCE = 2;
const TIMER_STALE = 3;

/** The longest window that a series can have. */
const MAX_SERIES_WINDOW = 5_000;

/**
 * The pipeline: validates events, builds bars, computes features and keeps the gap ledger, all in logical time. It is
 * the same object live and in replay and knows neither. One call handles one batch, synchronously; what it has to say
 * goes to its sink, in order.
 */
export class Engine {
  readonly parts: EngineParts;
  readonly universe: Universe;
  sink: EngineSink;
  /** Events handled over the life of the engine, restored snapshots included. */
  events = 0;
  /** Receive time of the newest event: the engine's clock. -Infinity before the first. */
  nowUs = Number.NEGATIVE_INFINITY;
  private readonly timers = new TimerQueue();
  private barTimers = 0;
  private readonly gate: QualityGate;
  private readonly bars: BarBuilder;
  private readonly ids = new StatementIds();
  private readonly stages: BarStages;
  private readonly ledger: GapLedger;
  private readonly watch: GapWatch;
  private readonly stamps: TradeDateStamps;
  private readonly anomalies: AnomalyWatch | undefined;

  /** @throws TickloomError where the settings name something that does not exist. */
  constructor(settings: EngineSettings, universe: Universe, sink: EngineSink) {
    this.parts = readSettings(settings);
    this.universe = universe;
    this.sink = sink;
    const { calendars, timeframes, closeDelayUs, revisionWindowUs } = this.parts;
    this.stamps = new TradeDateStamps(universe, calendars);
    this.gate = new QualityGate(universe, calendars, { clockSkewUs: settings.clockSkewMs * 1_000 });
    const { ids } = this;
    this.stages = new BarStages(this.parts, universe, this, ids);
    this.bars = new BarBuilder({
      universe,
      timeframes,
      clock: new CalendarBarClock(universe, calendars, timeframes),
      rules: conditionRules(settings.conditionRules),
      closeDelayUs,
      revisionWindowUs,
      ringCapacity: settings.ringTicks,
      seriesWindow: Math.min(MAX_SERIES_WINDOW, Math.max(settings.barWindow, this.stages.features.rerunBars)),
      sink: {
        onBar: (bar, change, index) => this.stages.onBar(bar, change, this.seriesOf(bar), index),
        onBarRetracted: (bar, change, index) => this.stages.onBarRetracted(bar, change, this.seriesOf(bar), index),
        onRepairNeeded: (symbol, timeframe, startUs, endUs) =>
          this.sink.onRepairNeeded?.(symbol, timeframe, startUs, endUs),
      },
      setTimer: (dueUs) => {
        this.barTimers++;
        this.timers.set(dueUs, TIMER_BARS, 0);
      },
    });
    this.ledger = new GapLedger((gap) => this.sink.onGap?.(gap));
    this.watch = new GapWatch({
      universe,
      calendars,
      ledger: this.ledger,
      timers: this.timers,
      timerKind: TIMER_SILENCE,
      afterUs: this.parts.gapAfterUs,
      consecutiveIdSources: settings.consecutiveIdSources,
    });
    const { timers } = this;
    this.anomalies = AnomalyWatch.of({ ...this.parts, universe, timers, timerKind: TIMER_STALE, engine: this, ids });
  }

  get timeframes(): readonly Timeframe[] {
    return this.parts.timeframes;
  }

  /** Handles rows [from, to) of a batch, oldest first. Events must come in the order of the tape. */
  handle(batch: EventBatch, from = 0, to = batch.length): void {
    for (let row = from; row < to; row++) {
      const recvUs = batch.tsRecvUs[row] as number;
      if (recvUs > this.nowUs) this.advanceTo(recvUs);
      this.events++;
      this.dispatch(batch, row);
    }
    this.bars.ring.publish();
    this.sink.onBatchEnd?.(this.nowUs);
  }

  /** Moves engine time forward and fires what comes due on the way. */
  advanceTo(timeUs: number): void {
    while (this.timers.nextDueUs <= timeUs) this.fire();
    if (timeUs > this.nowUs) this.nowUs = timeUs;
    this.bars.advance(timeUs);
  }

  /** Closes every bar that is still open, each at its own time: the end of a tape that was not a live run. */
  finish(): void {
    // The tape ends here: that nothing follows is no silence of the market.
    this.watch.end();
    this.anomalies?.finish();
    while (this.barTimers > 0) this.fire();
    this.sink.onBatchEnd?.(this.nowUs);
  }

  private fire(): void {
    const kind = this.timers.pop();
    const dueUs = this.timers.firedDueUs;
    const argument = this.timers.firedArgument;
    if (dueUs > this.nowUs) this.nowUs = dueUs;
    if (kind === TIMER_BARS) {
      this.barTimers--;
      this.bars.onTimer(dueUs);
    } else if (kind === TIMER_STALE) this.anomalies?.onTimer(argument, dueUs);
    else this.watch.onTimer(argument, dueUs);
  }

  private dispatch(batch: EventBatch, row: number): void {
    switch (batch.kind[row]) {
      case EventKind.Trade:
        this.onTrade(batch, row);
        return;
      case EventKind.Quote:
        this.onQuote(batch, row);
        return;
      case EventKind.SourceBar:
        this.onSourceBar(batch, row);
        return;
      case EventKind.Correction:
      case EventKind.Cancel:
        this.onAmendment(batch, row);
        return;
      case EventKind.Malformed:
        this.reject(batch, row, 0);
        return;
      case EventKind.Status:
      case EventKind.Gap:
        this.onNotice(batch, row);
        return;
      case EventKind.Command:
        this.anomalies?.onCommand(batch, row);
        return;
      case EventKind.Tick:
      case EventKind.ConfigChange:
      case EventKind.ModelPromotion:
        // Time has passed; the event itself concerns whoever made it.
        return;
      default:
        throw new TickloomError('invariant', `An event of kind ${batch.kind[row]} is not one of the closed set.`);
    }
  }

  private onTrade(batch: EventBatch, row: number): void {
    const verdict = this.gate.validateTrade(batch, row);
    if (verdict < 0) {
      this.reject(batch, row, verdict);
      return;
    }
    const quality = scoreOf(verdict);
    this.sink.onTrade?.(batch, row, quality, verdict);
    this.anomalies?.onTrade(batch, row, verdict);
    this.watch.note(
      batch.symbol[row] as number,
      batch.source[row] as number,
      batch.tsEventUs[row] as number,
      this.nowUs,
      batch.idNum[row] as number,
    );
    // A final bar's quality must not depend on the order in which its trades came.
    this.bars.addTrade(batch, row, scoreOf(verdict & ~ARRIVAL_REASONS));
  }

  private onQuote(batch: EventBatch, row: number): void {
    const verdict = this.gate.validateQuote(batch, row);
    if (verdict < 0) {
      this.reject(batch, row, verdict);
      return;
    }
    const quality = scoreOf(verdict);
    this.sink.onQuote?.(batch, row, quality, verdict);
    this.anomalies?.onQuote(batch, row, verdict);
    const tsUs = batch.tsEventUs[row] as number;
    this.watch.note(batch.symbol[row] as number, batch.source[row] as number, tsUs, this.nowUs, Number.NaN);
    this.bars.addQuote(batch, row, scoreOf(verdict & ~ARRIVAL_REASONS));
  }

  private onSourceBar(batch: EventBatch, row: number): void {
    const verdict = this.gate.validateBar(batch, row);
    if (verdict < 0) this.reject(batch, row, verdict);
    else if (!this.stamps.settle(batch, row)) {
      const date = formatMicros(batch.tsEventUs[row] as number);
      const detail = `${date} is no trade date of the instrument's calendar, which has a bar per trade date.`;
      this.sink.onReject?.(batch, row, 'not-a-trade-date', detail);
    } else if (!this.bars.addSourceBar(batch, row, scoreOf(verdict))) {
      this.sink.onReject?.(
        batch,
        row,
        'no-such-timeframe',
        `No timeframe of ${(batch.p7[row] as number) / 1_000_000} s is built; bars.timeframes has ${this.timeframes.map((timeframe) => timeframe.text).join(', ')}.`,
      );
    } else this.anomalies?.onSourceBar(batch, row, verdict);
  }

  private onAmendment(batch: EventBatch, row: number): void {
    const verdict = this.gate.validate(batch, row);
    if (verdict < 0) {
      this.reject(batch, row, verdict);
      return;
    }
    const quality = scoreOf(verdict);
    this.sink.onAmendment?.(batch, row, quality);
    if (batch.kind[row] === EventKind.Cancel) this.bars.cancel(batch, row);
    else this.bars.correct(batch, row, quality);
  }

  private onNotice(batch: EventBatch, row: number): void {
    const payload = batch.payload[row];
    if (payload?.type === 'gap') {
      this.watch.onGap(batch, row, payload);
      return;
    }
    if (payload?.type !== 'status') return;
    this.sink.onStatus?.(batch, row);
    this.watch.onStatus(batch, row, payload);
  }

  private reject(batch: EventBatch, row: number, verdict: number): void {
    if (this.sink.onReject === undefined) return;
    const symbol = batch.symbol[row] as number;
    const isKnown = symbol >= 0 && symbol < this.universe.size;
    if (!isKnown && verdict === Reject.UnknownSymbol) {
      this.sink.onReject(batch, row, rejectName(verdict), 'The symbol is not among the configured ones.');
      return;
    }
    const { reason, detail } = quarantineRecord(batch, row, verdict, 0, this.universe);
    this.sink.onReject(batch, row, reason, detail);
  }

  private seriesOf({ symbol, timeframe }: Bar): BarSeries {
    return this.bars.series(symbol, timeframe);
  }

  /** The closed bars of a symbol and timeframe that are in memory. */
  series(symbol: number, timeframe: number): BarSeries {
    return this.bars.series(symbol, timeframe);
  }

  /** The bar under construction, a view for people: it is on no tape and in no digest. */
  formingBar(symbol: number, timeframe: number): Bar | undefined {
    return this.bars.formingBar(symbol, timeframe);
  }

  /** Bars that have ended and are held open for stragglers, oldest first: a view, like the bar under construction. */
  pendingBars(symbol: number, timeframe: number): readonly Bar[] {
    return this.bars.pendingBars(symbol, timeframe);
  }

  /** The latest feature vector, in the order of the plan, into `into`; false when there is none. */
  latestFeatures(symbol: number, timeframe: number, into: Float64Array): boolean {
    return this.stages.features.latest(symbol, timeframe, into);
  }

  /** Closed bars that the features of a series have seen: what is left of a warm-up follows from it. */
  featureBars(symbol: number, timeframe: number): number {
    return this.stages.features.barCount(symbol, timeframe);
  }

  /** The regime of a series after its latest bar; undefined where it is not analysed or has no bar. */
  regime(symbol: number, timeframe: number): Regime | undefined {
    return this.stages.analysis?.regime(symbol, timeframe);
  }

  lastQuoteAndPrice(symbol: number): { readonly bid: number; readonly ask: number; readonly price: number } {
    return this.bars.lastOf(symbol);
  }

  lastEventUs(symbol: number): number | undefined {
    return this.watch.lastEventUs(symbol);
  }

  /** What a source goes on from with a symbol: see {@link GapWatch.heldOf}. */
  heldOf(symbol: number, source: number): Held | undefined {
    return this.watch.heldOf(symbol, source);
  }

  /** Counters for metrics. */
  counters(): EngineCounters {
    return {
      ...this.bars.counters,
      revisionsTooOld: this.stages.revisionsTooOld,
      evictedTicks: this.bars.ring.evicted,
      gaps: this.ledger.opened,
      anomaliesSuppressed: this.anomalies?.suppressed ?? 0,
    };
  }

  /** Bytes held for bars, rings and series; features and analysis come on top (`featureBytesPerSymbol` each). */
  get stateBytes(): number {
    return this.bars.stateBytes;
  }

  get featureBytesPerSymbol(): number {
    return this.stages.bytesPerSymbol;
  }

  /** Everything that later outputs depend on. An engine restored from it goes on to the same outputs, bit for bit. */
  snapshot(): Uint8Array {
    return joinParts(this.snapshotParts());
  }

  /** A {@link snapshot} in pieces, in their order: joining them takes as long again as copying the state. */
  snapshotParts(): readonly Uint8Array[] {
    return saveEngine(this.holders(), { nowUs: this.nowUs, events: this.events, barTimers: this.barTimers });
  }

  /**
   * Continues from a snapshot. The engine must be new and have the same settings.
   * @throws TickloomError `bad-snapshot` when it is damaged, of another format or of other settings.
   */
  restore(bytes: Uint8Array): void {
    const { nowUs, events, barTimers } = loadEngine(this.holders(), bytes);
    this.nowUs = nowUs;
    this.events = events;
    this.barTimers = barTimers;
  }

  private holders(): EngineStages {
    const { universe, ids, timers, gate, bars, ledger, watch, anomalies } = this;
    const { features, analysis } = this.stages;
    return { universe, ids, timers, gate, bars, features, analysis, ledger, watch, anomalies };
  }
}
