import { joinParts, NumberReader, NumberWriter, TickloomError } from '../base/index.ts';
import type { Bar, OutcomeBarrier, PatternOdds } from '../model/index.ts';
import { type ClaimedRate, type Forecast, OutcomeStatistics, type OutcomeSummary } from './outcome-statistics.ts';
import { POSITION as P, VOID } from './position-columns.ts';
import { PositionList } from './position-list.ts';
import type { LegacyWeights } from './probability.ts';
import { RandomEntries } from './random-entries.ts';
import { TOUCH } from './triple-barrier.ts';

/** A pattern that positions are kept of. */
export interface TrackedPattern {
  readonly family: string;
  readonly id: string | number;
  /** What its portfolio file claims; for the legacy score only. */
  readonly claimed?: ClaimedRate | undefined;
}

export interface OutcomeBookOptions {
  readonly patterns: readonly TrackedPattern[];
  /** Shares of base rate, regime and confidence in the legacy score. */
  readonly estimation: LegacyWeights;
  /** Text that names a series whatever its number is: random entries are drawn from it. */
  seedOf(series: number): string;
  /** Told of each outcome of a tracked position once its bars can not change any more. */
  onOutcome?(outcome: ReleasedOutcome): void;
  /** Random entries per tracked position; 2 if not given. */
  readonly randomEntries?: number;
  /** Positions per series, random ones included; 4096 if not given. Policy at the bound: drop-newest, counted. */
  readonly capacity?: number;
}

/** A pattern (or signal) to be followed from the next bar's open. */
export interface TrackedEntry {
  /** Place of the pattern in the options. */
  readonly pattern: number;
  readonly statement: number;
  readonly direction: 1 | -1;
  /** Distances of target and stop as shares of the entry. */
  readonly target: number;
  readonly stop: number;
  readonly horizonBars: number;
  /** Ordinal of the bar at whose close it was found: the latest one that `onBar` has seen. */
  readonly ordinal: number;
  readonly cell: number;
  readonly quality: number;
  /** Confidence of the match, 0 to 100. */
  readonly closeness: number;
}

/** What became of a tracked position. */
export interface ReleasedOutcome {
  readonly series: number;
  readonly pattern: number;
  readonly statement: number;
  readonly direction: 1 | -1;
  readonly entryUs: number;
  readonly exitUs: number;
  readonly entry: number;
  readonly exit: number;
  readonly returned: number;
  readonly barrier: OutcomeBarrier;
  readonly bothInBar: boolean;
  /** Mean of 1 over the positions of the pattern that were open in the series. */
  readonly uniqueness: number;
  /** The model's probability when it was decided, and random success in the same regime; NaN for poor bars. */
  readonly model: number;
  readonly random: number;
}

const RANDOM_ENTRIES = 2;
const CAPACITY = 4096;
/** Quality below which an outcome is told, but counts in no rate. */
const LEAST_QUALITY = 0.5;
/** A round of the edge test waits for its members: three horizons, and longer than any closed market. */
const CLOSED_MARKET_US = 4 * 86_400_000_000;
const FORMAT = 1;

/**
 * Follows every pattern of one timeframe to target, stop or expiry, and draws random entries with the same barriers
 * beside it. Per bar of a series: `rewind` if a bar changed, `onBar`, `track` for each pattern found, then `release` of
 * the bars that can not change any more. Only `release` teaches the shared statistics.
 */
export class OutcomeBook {
  /** Positions that found no room, over all series. */
  get dropped(): number {
    return this.lists.reduce((sum, list) => sum + list.columns.dropped, 0);
  }
  /** Outcomes that counted in no rate because the bar's quality was below 0.5. */
  poorQuality = 0;
  private readonly options: OutcomeBookOptions;
  private readonly lists: PositionList[] = [];
  private readonly seeds: RandomEntries[] = [];
  /** End and length of the latest bar of each series. */
  private endUs: number[] = [];
  private lengthUs: number[] = [];
  private readonly statistics: OutcomeStatistics;
  private readonly scratch: Forecast = { regime: 0, closeness: 0, model: 0, random: 0, bound: 0 };
  private series = 0;

  constructor(options: OutcomeBookOptions) {
    this.options = options;
    this.statistics = new OutcomeStatistics(
      options.patterns.map(({ claimed }) => claimed ?? { successRate: undefined, sampleSize: undefined }),
      options.estimation,
    );
  }

  /** Moves the positions of a series by its next closed bar. @param cell regime cell at its close; -1 unknown */
  onBar(series: number, ordinal: number, bar: Bar, cell: number): void {
    const list = this.lists[series] ?? this.addSeries(series);
    this.endUs[series] = bar.endUs;
    this.lengthUs[series] = bar.endUs - bar.startUs;
    if (list.length === 0) return;
    list.onBar(ordinal, bar.open, bar.high, bar.low, bar.close, bar.startUs, bar.endUs, cell, bar.quality);
  }

  /** Follows a pattern that was found at the bar that `onBar` has just seen, and draws its random entries. */
  track(series: number, entry: TrackedEntry): void {
    const list = this.lists[series] ?? this.addSeries(series);
    const { pattern, direction, target, stop, horizonBars, ordinal } = entry;
    const slot = list.add(pattern, 0, direction, target, stop, horizonBars, ordinal, ordinal);
    if (slot < 0) return;
    const { columns } = list;
    columns.set(slot, P.CELL, entry.cell);
    columns.set(slot, P.QUALITY, entry.quality);
    columns.set(slot, P.STATEMENT, entry.statement);
    columns.set(slot, P.CONFIDENCE, entry.closeness);
    if (isPoor(entry.quality)) {
      columns.set(slot, P.MODEL, Number.NaN);
      columns.set(slot, P.RANDOM, Number.NaN);
      return;
    }
    const { scratch } = this;
    this.statistics.forecast(pattern, entry.cell, entry.closeness, scratch);
    columns.set(slot, P.REGIME, scratch.regime);
    columns.set(slot, P.CLOSENESS, scratch.closeness);
    columns.set(slot, P.MODEL, scratch.model);
    columns.set(slot, P.RANDOM, scratch.random);
    columns.set(slot, P.BOUND, scratch.bound);
    const patienceUs = CLOSED_MARKET_US + 3 * horizonBars * (this.lengthUs[series] as number);
    columns.set(slot, P.ROUND, this.statistics.joinRound(pattern, this.endUs[series] as number, patienceUs));
    const seed = this.seeds[series] as RandomEntries;
    const count = this.options.randomEntries ?? RANDOM_ENTRIES;
    for (let i = 0; i < count; i++) {
      const decided = ordinal + seed.delay(pattern, ordinal, i, horizonBars);
      list.add(pattern, 1, direction, target, stop, horizonBars, ordinal, decided);
    }
  }

  /** Undoes what the bars of a series from `ordinal` on did; they are going to be told again. */
  rewind(series: number, ordinal: number): void {
    this.series = series;
    this.lists[series]?.rewind(ordinal, this.onDropped);
  }

  /** Learns from the positions that were resolved at bars up to `ordinal`, which can not change any more. */
  release(series: number, ordinal: number): void {
    this.series = series;
    this.lists[series]?.release(ordinal, this.onReleased);
  }

  /** Odds of a pattern found now. @param confidence 0 to 100 */
  odds(pattern: number, cell: number, confidence: number): PatternOdds {
    return this.statistics.odds(pattern, cell, confidence);
  }

  /** Weight of a pattern in a regime, 0.5 to 1.5. */
  weight(pattern: number, cell: number): number {
    return this.statistics.weight(pattern, cell);
  }

  /** What has been counted of a pattern. */
  summary(pattern: number): OutcomeSummary {
    return this.statistics.summary(pattern);
  }

  /** Weights of regime and closeness that have been learned. */
  get learnedWeights(): { readonly regime: number; readonly closeness: number } {
    return { regime: this.statistics.regimeWeight, closeness: this.statistics.closenessWeight };
  }

  /** Positions held for a series, random ones and released ones that still overlap others included. */
  positions(series: number): number {
    return this.lists[series]?.length ?? 0;
  }

  get stateBytes(): number {
    return this.lists.reduce((sum, list) => sum + list.stateBytes, 0);
  }

  private readonly onDropped = (slot: number): void => {
    const { columns } = this.lists[this.series] as PositionList;
    if (columns.field(slot, P.KIND) === 0) {
      this.statistics.leaveRound(columns.field(slot, P.PATTERN), columns.field(slot, P.ROUND));
    }
  };

  private readonly onReleased = (slot: number, uniqueness: number): void => {
    const { columns } = this.lists[this.series] as PositionList;
    const pattern = columns.field(slot, P.PATTERN);
    const touch = columns.field(slot, P.TOUCH);
    const quality = columns.field(slot, P.QUALITY);
    const isTracked = columns.field(slot, P.KIND) === 0;
    if (touch === VOID) {
      if (isTracked) this.statistics.leaveRound(pattern, columns.field(slot, P.ROUND));
      return;
    }
    if (isPoor(quality)) this.poorQuality++;
    else {
      const cell = columns.field(slot, P.CELL);
      const isSuccess = touch === TOUCH.TARGET;
      const weight = uniqueness * (Number.isNaN(quality) ? 1 : quality);
      if (isTracked) this.learn(slot, pattern, cell, isSuccess, weight);
      else this.statistics.countRandom(pattern, cell, isSuccess, weight);
    }
    if (isTracked) this.options.onOutcome?.(this.outcome(slot, uniqueness));
  };

  private learn(slot: number, pattern: number, cell: number, isSuccess: boolean, weight: number): void {
    const { columns } = this.lists[this.series] as PositionList;
    const { scratch } = this;
    scratch.regime = columns.field(slot, P.REGIME);
    scratch.closeness = columns.field(slot, P.CLOSENESS);
    scratch.model = columns.field(slot, P.MODEL);
    scratch.random = columns.field(slot, P.RANDOM);
    scratch.bound = columns.field(slot, P.BOUND);
    const confidence = columns.field(slot, P.CONFIDENCE);
    this.statistics.learn(pattern, cell, isSuccess, weight, confidence, columns.field(slot, P.ROUND), scratch);
  }

  private outcome(slot: number, uniqueness: number): ReleasedOutcome {
    const { columns } = this.lists[this.series] as PositionList;
    const touch = columns.field(slot, P.TOUCH);
    const direction = columns.field(slot, P.DIRECTION) as 1 | -1;
    const entry = columns.field(slot, P.ENTRY);
    const exit = columns.field(slot, P.EXIT);
    return {
      series: this.series,
      pattern: columns.field(slot, P.PATTERN),
      statement: columns.field(slot, P.STATEMENT),
      direction,
      entryUs: columns.field(slot, P.ENTRY_US),
      exitUs: columns.field(slot, P.EXIT_US),
      entry,
      exit,
      returned: direction * (exit / entry - 1),
      barrier: touch === TOUCH.TARGET ? 'target' : touch === TOUCH.NONE ? 'expiry' : 'stop',
      bothInBar: touch === TOUCH.BOTH,
      uniqueness,
      model: columns.field(slot, P.MODEL),
      random: columns.field(slot, P.RANDOM),
    };
  }

  private addSeries(series: number): PositionList {
    const list = new PositionList(this.options.patterns.length, this.options.capacity ?? CAPACITY);
    // Series are numbered densely, but may be met out of order.
    for (let i = this.lists.length; i < series; i++) this.addSeries(i);
    this.lists[series] = list;
    this.seeds[series] = new RandomEntries(this.options.seedOf(series));
    this.endUs[series] = 0;
    this.lengthUs[series] = 0;
    return list;
  }

  /** Everything that was learned and is being followed. */
  snapshot(): Uint8Array {
    return joinParts(this.snapshotParts());
  }

  /** A {@link snapshot} in pieces, in their order. */
  snapshotParts(): readonly Uint8Array[] {
    const writer = new NumberWriter();
    const { put } = writer;
    const identity = this.identity();
    put(FORMAT);
    put(identity.length);
    for (let i = 0; i < identity.length; i++) put(identity.charCodeAt(i));
    put(this.poorQuality);
    this.statistics.save(put);
    put(this.lists.length);
    this.lists.forEach((list, series) => {
      put(this.endUs[series] as number);
      put(this.lengthUs[series] as number);
      list.save(writer);
    });
    return writer.parts();
  }

  /** @throws TickloomError `bad-snapshot` when it is of other patterns, or damaged */
  restore(bytes: Uint8Array): void {
    if (bytes.length % 8 !== 0) throw badSnapshot('it was cut short');
    const reader = new NumberReader(bytes, () => badSnapshot('it was cut short'));
    const { take } = reader;
    if (take() !== FORMAT) throw badSnapshot('it is of another version');
    const identity = this.identity();
    const isSame = take() === identity.length && identity.split('').every((unit) => take() === unit.charCodeAt(0));
    if (!isSame) throw badSnapshot('it is of other patterns');
    this.poorQuality = take();
    this.statistics.load(take);
    const count = take();
    for (let series = 0; series < count; series++) {
      const list = this.lists[series] ?? this.addSeries(series);
      this.endUs[series] = take();
      this.lengthUs[series] = take();
      list.load(reader);
    }
    if (!reader.isAtEnd) throw badSnapshot('it is too long');
  }

  private identity(): string {
    return JSON.stringify(this.options.patterns.map(({ family, id }) => [family, id]));
  }
}

function isPoor(quality: number): boolean {
  return quality < LEAST_QUALITY;
}

function badSnapshot(why: string): TickloomError {
  return new TickloomError('bad-snapshot', `The outcomes can not be restored: ${why}.`, { subject: 'snapshot' });
}
