import type { BarSeries } from '../../bars/index.ts';
import { TickloomError, US_PER_DAY } from '../../base/index.ts';
import type { FeaturePlan } from '../../features/index.ts';
import type { Bar, Outcome, PatternFinding, Regime, Timeframe, Universe } from '../../model/index.ts';
import { DEFAULT_REGIME_SETTINGS, type RegimeSettings, RegimeTracker } from '../../regimes/index.ts';
import { OutcomeBook, type ReleasedOutcome, SignalDesk } from '../../signals/index.ts';
import { jsonBytes, parseJsonBytes, sectionParts, splitSections } from '../sections.ts';
import type { SessionStarts } from '../session-starts.ts';
import type { AnalysisSettings } from './analysis-settings.ts';
import { BarSigma } from './bar-sigma.ts';
import {
  type Barriers,
  barriersOfLevels,
  barriersOfVolatility,
  levelsOf,
  riskReward,
  sideOf,
} from './pattern-barriers.ts';
import { PatternDesk } from './pattern-desk.ts';
import { type Occasion, type PatternReading, patternMatch } from './pattern-match.ts';
import { SeriesBlocks } from './series-blocks.ts';
import { regularSessionUs } from './session-lengths.ts';
import { type Statement, type StatementHead, StatementLog, type StatementLogSnapshot } from './statement-log.ts';

/** What a lane is made with. */
export interface LaneOptions {
  readonly settings: AnalysisSettings;
  readonly timeframe: Timeframe;
  readonly plan: FeaturePlan;
  readonly universe: Universe;
  readonly sessions: SessionStarts;
  readonly closeDelayUs: number;
  /** Bars that a revision can reach back. */
  readonly depth: number;
  nextId(): number;
  onStatement(statement: Statement): void;
  onOutcome(outcome: Outcome): void;
}

/**
 * Patterns, regimes, odds and signals of all series of one timeframe. Everything that a later bar depends on lies in the
 * series' block of doubles, in the outcome book and in the statement log, each of which can go back.
 */
export class AnalysisLane {
  /** Revisions that reached further back than any saved state; their bars changed, what was said of them did not. */
  revisionsTooOld = 0;
  private readonly options: LaneOptions;
  private readonly regimes: RegimeTracker;
  private readonly sigma = new BarSigma();
  private readonly patterns: PatternDesk;
  private readonly desk: SignalDesk;
  private readonly book: OutcomeBook;
  private readonly log: StatementLog;
  private readonly blocks: SeriesBlocks;
  private readonly sigmaAt: number;
  private readonly patternsAt: number;
  private readonly deskAt: number;
  private readonly barsPerSession: number[] = [];
  /** Place of the pattern that stands for signals in the outcome book. */
  private readonly signalPattern: number;
  private isSkipping = false;

  // The bar in hand.
  private bar!: Bar;
  private ordinal = 0;
  private at = 0;
  private cell = -1;
  private nowUs = 0;

  constructor(options: LaneOptions) {
    const { settings } = options;
    this.options = options;
    this.regimes = new RegimeTracker(regimeSettings(settings));
    this.patterns = new PatternDesk(settings, options.timeframe.text, options.plan);
    this.desk = new SignalDesk(settings.signals);
    this.signalPattern = this.patterns.patterns.length;
    this.book = new OutcomeBook({
      patterns: [...this.patterns.patterns, { family: 'signal', id: 'signal' }],
      estimation: settings.estimation,
      seedOf: (series) => `${options.universe.symbol(series)} ${options.timeframe.text}`,
      onOutcome: (outcome) => this.sayOutcome(outcome),
    });
    this.log = new StatementLog(options.nextId, options.onStatement);
    this.sigmaAt = this.regimes.stateSize;
    this.patternsAt = this.sigmaAt + this.sigma.stateSize;
    this.deskAt = this.patternsAt + this.patterns.stateSize;
    this.blocks = new SeriesBlocks(this.initialBlock(), options.depth);
  }

  private initialBlock(): Float64Array {
    const block = new Float64Array(this.deskAt + this.desk.stateSize);
    this.regimes.reset(block, 0);
    this.sigma.reset(block, this.sigmaAt);
    this.patterns.reset(block, this.patternsAt);
    this.desk.reset(block, this.deskAt);
    return block;
  }

  /** Takes the next closed bar of a series and what the features say of it. */
  append(bar: Bar, series: BarSeries, index: number, values: Float64Array, offset: number, nowUs: number): void {
    if (this.isSkipping) return;
    const { symbol } = bar;
    if (symbol >= this.blocks.seriesCount) this.blocks.ensure(this.options.universe.size);
    this.bar = bar;
    this.nowUs = nowUs;
    this.ordinal = this.blocks.beginBar(symbol);
    this.at = this.blocks.at(symbol);
    const { data } = this.blocks;
    const isIntraday = this.options.timeframe.lengthUs < US_PER_DAY;
    const beginsSession = isIntraday && this.options.sessions.isFirst(symbol, series, index);
    this.regimes.update(data, this.at, bar.open, bar.close, beginsSession, this.sessionBars(symbol));
    this.sigma.update(data, this.at + this.sigmaAt, bar.close, beginsSession);
    this.cell = this.regimes.cell(data, this.at);
    this.book.onBar(symbol, this.ordinal, bar, this.cell);
    this.desk.age(data, this.at + this.deskAt);
    this.sayRegime();
    this.patterns.find(data, this.at + this.patternsAt, series, index, values, offset, this.onFound);
    this.saySignal();
    this.release(symbol, this.ordinal - this.options.depth);
  }

  /** The last `fed` bars of a series are going to be fed again, changed. */
  beginRerun(symbol: number, fed: number): void {
    const ordinal = this.blocks.barCount(symbol) - fed;
    this.isSkipping = !this.blocks.canRewind(symbol, ordinal);
    if (this.isSkipping) {
      this.revisionsTooOld++;
      return;
    }
    this.blocks.rewind(symbol, ordinal);
    this.book.rewind(symbol, ordinal);
    this.log.beginRerun(symbol, ordinal);
  }

  /** All of them have been fed. */
  endRerun(nowUs: number): void {
    if (!this.isSkipping) this.log.endRerun(nowUs);
    this.isSkipping = false;
  }

  /** Where a regime became another one; the first regime of a series is no change. */
  private sayRegime(): void {
    const { data } = this.blocks;
    const before = this.blocks.before(this.bar.symbol, this.ordinal);
    const earlier = this.regimes.cell(data, before);
    if (earlier < 0 || earlier === this.cell) return;
    const from = this.regimes.read(data, before);
    const to = this.regimes.read(data, this.at);
    this.say('regime', (head) => ({ kind: 'regime', said: { ...head, ...this.occasion(), from, to } }));
  }

  private readonly onFound = (pattern: number, finding: PatternFinding, isExact: boolean): void => {
    const { bar } = this;
    const side = sideOf(finding);
    const barriers = side === undefined ? undefined : this.barriers(finding, side, pattern);
    const plan = side === undefined || barriers === undefined ? undefined : levelsOf(bar.close, side, barriers);
    const odds = this.book.odds(pattern, this.cell, finding.confidence);
    const regime = this.regimes.read(this.blocks.data, this.at);
    const reading: PatternReading = { isExact, regime, plan, odds, quality: bar.quality };
    const occasion = this.occasion();
    const id = this.say(`${pattern} ${finding.fromUs}`, (head) => ({
      kind: 'pattern',
      said: patternMatch(head, occasion, finding, reading),
    }));
    if (finding.status !== 'TRIGGERED' || side === undefined || barriers === undefined || plan === undefined) return;
    this.track(pattern, id, side, barriers, finding.confidence);
    // A match within the tolerance only is evidence once what follows such matches has been measured.
    if (!isExact && odds.n === 0) return;
    this.desk.note(this.blocks.data, this.at + this.deskAt, { direction: side, statement: id, levels: plan, odds });
  };

  private saySignal(): void {
    const { bar } = this;
    const { data } = this.blocks;
    const at = this.at + this.deskAt;
    if (!this.desk.settle(data, at, bar.quality)) return;
    const { action, score, confidence, leader, barsLeft } = this.desk.view(data, at, bar.quality);
    const isActive = action !== 'HOLD';
    const id = this.say('signal', (head) => ({
      kind: 'signal',
      said: {
        ...head,
        ...this.occasion(),
        action,
        score,
        confidence,
        plan: isActive ? leader?.levels : undefined,
        riskReward: isActive && leader !== undefined ? riskReward(leader.levels) : undefined,
        odds: leader?.odds,
        patterns: leader === undefined ? [] : [leader.statement],
        expiresAtUs: bar.endUs + barsLeft * this.options.timeframe.lengthUs,
      },
    }));
    if (!isActive || leader === undefined) return;
    const barriers = barriersOfLevels(leader.levels, leader.direction);
    if (barriers !== undefined) this.track(this.signalPattern, id, leader.direction, barriers, confidence);
  }

  private sayOutcome({ series, pattern, statement, uniqueness: _, ...outcome }: ReleasedOutcome): void {
    const { options } = this;
    options.onOutcome({
      ...outcome,
      id: options.nextId(),
      of: statement,
      patternId: this.patterns.patterns[pattern]?.id ?? 'signal',
      symbol: series,
      timeframe: this.bar.timeframe,
      atUs: this.nowUs,
    });
  }

  private track(pattern: number, statement: number, direction: 1 | -1, barriers: Barriers, closeness: number): void {
    this.book.track(this.bar.symbol, {
      pattern,
      statement,
      direction,
      target: barriers.target,
      stop: barriers.stop,
      horizonBars: this.horizonOf(pattern),
      ordinal: this.ordinal,
      cell: this.cell,
      quality: this.bar.quality,
      closeness,
    });
  }

  private barriers(finding: PatternFinding, side: 1 | -1, pattern: number): Barriers | undefined {
    if (finding.levels !== undefined) return barriersOfLevels(finding.levels, side);
    const { targetSigmas, stopSigmas } = this.options.settings.barriers;
    const sigma = this.sigma.sigma(this.blocks.data, this.at + this.sigmaAt);
    return barriersOfVolatility(sigma, this.horizonOf(pattern), targetSigmas, stopSigmas);
  }

  private horizonOf(pattern: number): number {
    return this.patterns.patterns[pattern]?.horizonBars ?? this.options.settings.barriers.horizonBars;
  }

  private say(key: string, make: (head: StatementHead) => Statement): number {
    return this.log.say(this.bar.symbol, this.ordinal, this.bar.startUs, key, make);
  }

  private occasion(): Occasion {
    const { bar } = this;
    return {
      symbol: bar.symbol,
      timeframe: bar.timeframe,
      barStartUs: bar.startUs,
      barRevision: bar.revision,
      // A bar that a source sends closed is known at once.
      knowableAtUs: Math.min(bar.endUs + this.options.closeDelayUs, this.nowUs),
      atUs: this.nowUs,
    };
  }

  /** Lets go of what bars up to an ordinal had a part in: they can not change any more. */
  private release(symbol: number, ordinal: number): void {
    if (ordinal < 0) return;
    this.log.release(symbol, ordinal);
    this.book.release(symbol, ordinal);
  }

  private sessionBars(symbol: number): number {
    const known = this.barsPerSession[symbol];
    if (known !== undefined) return known;
    const { timeframe, sessions } = this.options;
    const isIntraday = timeframe.lengthUs < US_PER_DAY;
    const bars = isIntraday ? regularSessionUs(sessions.calendar(symbol)) / timeframe.lengthUs : 1;
    this.barsPerSession[symbol] = bars;
    return bars;
  }

  /** Memory of one series, without the positions that are followed. */
  get bytesPerSeries(): number {
    return this.blocks.bytesPerSeries;
  }

  /** The regime of a symbol after its latest bar; undefined before the first. */
  regime(symbol: number): Regime | undefined {
    if (this.blocks.barCount(symbol) === 0) return undefined;
    return this.regimes.read(this.blocks.data, this.blocks.at(symbol));
  }

  /** Everything that later statements depend on, in pieces. */
  snapshot(): readonly Uint8Array[] {
    const { bars, peaks, data } = this.blocks.snapshot();
    const head = { blockSize: this.blocks.size, depth: this.blocks.depth, bars, peaks, log: this.log.snapshot() };
    return sectionParts(
      new Map<string, Uint8Array | readonly Uint8Array[]>([
        ['head', jsonBytes(head)],
        ['blocks', new Uint8Array(data.slice().buffer)],
        ['book', this.book.snapshotParts()],
      ]),
    );
  }

  /** @throws TickloomError `bad-snapshot` when it is of other settings. */
  restore(bytes: Uint8Array): void {
    const sections = splitSections(bytes);
    const [head, blocks, book] = ['head', 'blocks', 'book'].map((name) => sections.get(name));
    if (head === undefined || blocks === undefined || book === undefined) {
      throw new TickloomError('bad-snapshot', 'The snapshot of the analysis is not complete.');
    }
    const { blockSize, depth, bars, peaks, log } = parseJsonBytes(head) as LaneHead;
    if (blockSize !== this.blocks.size || depth !== this.blocks.depth) {
      throw new TickloomError('bad-snapshot', 'The snapshot of the analysis is of other settings.');
    }
    this.blocks.restore({ bars, peaks, data: new Float64Array(blocks.slice().buffer) });
    this.log.restore(log);
    this.book.restore(book);
  }
}

/** The trend needs a standard deviation over more bars than its move. */
function regimeSettings({ regimes: { windowBars, lowPct, mediumPct } }: AnalysisSettings): RegimeSettings {
  const sigmaBars = Math.max(DEFAULT_REGIME_SETTINGS.sigmaBars, windowBars);
  return { ...DEFAULT_REGIME_SETTINGS, windowBars, sigmaBars, warmUpBars: windowBars, lowPct, mediumPct };
}

interface LaneHead {
  readonly blockSize: number;
  readonly depth: number;
  readonly bars: readonly number[];
  readonly peaks: readonly number[];
  readonly log: StatementLogSnapshot;
}
