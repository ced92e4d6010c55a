import { invariant, TickloomError } from '../base/index.ts';
import { BAR_FIELDS, type BarColumns, type BarField, type BarInput } from '../indicators/index.ts';
import type { FeaturePlan } from './feature-plan.ts';
import { COUNT_SLOT } from './graph-layout.ts';
import { createRuntime, type GraphRuntime, type RuntimeKind } from './graph-runtime.ts';
import { ROW_DOUBLES, STAGED_BARS, STAGING_BYTES } from './input-frames.ts';
import { readSnapshot, writeSnapshot } from './snapshot-bytes.ts';
import { MAX_PAGES, PAGE_BYTES } from './web-assembly.ts';

const ADDRESSES = STAGING_BYTES;
const FIRST_BYTE = ADDRESSES + 4 * STAGED_BARS;
const LARGEST_BYTES = MAX_PAGES * PAGE_BYTES;

/** What bars have that come from a source instead of from trades and quotes. */
const PLAIN_FIELDS: ReadonlySet<BarField> = new Set(['open', 'high', 'low', 'close', 'volume', 'sessionStart']);

/** Settings of {@link FeatureEngine}. */
export interface FeatureEngineOptions {
  /** How many bars back a revision must be able to reach; bars further back cannot be re-run. Default 8. */
  readonly revisableBars?: number;
  /** Only tests ask for the interpreter where the compiled form exists. */
  readonly runtime?: RuntimeKind;
}

/**
 * The features of all series (symbols) of one timeframe. The state of a series is one block of doubles in one growing
 * memory, next to its latest vector and a ring of earlier copies of the block, from which a revised bar is re-run.
 */
export class FeatureEngine {
  readonly plan: FeaturePlan;
  readonly revisableBars: number;
  /** Rewinds asked for that reached further back than `revisableBars`: the caller could not re-run those bars. */
  rewindsRefused = 0;
  private readonly runtime: GraphRuntime;
  private readonly blockDoubles: number;
  private readonly strideDoubles: number;
  /** Bars between two copies of a block, a power of two. */
  private readonly copyEveryBars: number;
  private readonly copies: number;
  private readonly scratch: number;
  private readonly firstSeries: number;
  private readonly readsTrades: boolean;
  /** The runtime's memory, kept here for speed; renewed when it grows. */
  private doubles: Float64Array;
  private series = 0;

  constructor(plan: FeaturePlan, options: FeatureEngineOptions = {}) {
    this.plan = plan;
    this.revisableBars = options.revisableBars ?? 8;
    invariant(Number.isInteger(this.revisableBars) && this.revisableBars >= 0, 'revisableBars is a whole number');
    this.runtime = createRuntime(plan.layout, options.runtime);
    this.blockDoubles = plan.layout.initialBlock.length;
    this.copyEveryBars = powerOfTwo(Math.max(32, this.revisableBars / 4));
    this.copies = this.revisableBars === 0 ? 0 : Math.ceil(this.revisableBars / this.copyEveryBars) + 1;
    // An odd number of doubles: equal slots of different series then spread over all cache sets.
    this.strideDoubles = (this.blockDoubles * (1 + this.copies) + plan.names.length) | 1;
    this.scratch = FIRST_BYTE / 8;
    this.firstSeries = this.scratch + this.blockDoubles + plan.names.length;
    this.readsTrades = plan.inputs.some((field) => !PLAIN_FIELDS.has(field));
    this.runtime.grow(8 * this.firstSeries);
    this.doubles = this.runtime.doubles;
  }

  /** How it evaluates: `compiled` where the runtime has WebAssembly. */
  get runtimeKind(): RuntimeKind {
    return this.runtime.kind;
  }

  get seriesCount(): number {
    return this.series;
  }

  /** Bars that a caller must keep to feed them again after the deepest rewind. */
  get rerunBars(): number {
    return this.revisableBars === 0 ? 0 : this.revisableBars + this.copyEveryBars;
  }

  /** Memory of one series: block, latest vector, and copies for revisions. */
  get bytesPerSeries(): number {
    return 8 * this.strideDoubles;
  }

  /** Makes room for series 0 … count-1; new ones have seen nothing. */
  ensureSeries(count: number): void {
    if (count <= this.series) return;
    const bytes = 8 * (this.firstSeries + count * this.strideDoubles);
    if (bytes > this.doubles.byteLength) {
      this.runtime.grow(Math.max(bytes, Math.min(1.5 * this.doubles.byteLength, LARGEST_BYTES)));
      this.doubles = this.runtime.doubles;
    }
    const known = this.series;
    this.series = count;
    for (let series = known; series < count; series++) {
      const block = this.blockOf(series);
      const { doubles } = this;
      doubles.set(this.plan.layout.initialBlock, block);
      doubles.fill(Number.NaN, block + this.blockDoubles, block + this.strideDoubles);
    }
  }

  /** Bars that the series has seen; the ordinal of its next bar. */
  barCount(series: number): number {
    return this.at(this.blockOf(series) + COUNT_SLOT);
  }

  /** Takes the next closed bar of a series; its vector is then the latest. */
  update(series: number, bar: BarInput): void {
    const block = this.blockOf(series);
    this.saveCopy(block);
    this.stage(bar);
    this.runtime.update(8 * block, 0);
  }

  /**
   * Takes the next closed bar of several different series in one call; row i of the columns belongs to `series[i]`.
   */
  updateMany(series: Int32Array, columns: BarColumns, count = series.length): void {
    for (let from = 0; from < count; from += STAGED_BARS) {
      const staged = Math.min(STAGED_BARS, count - from);
      const { integers } = this.runtime;
      for (let i = 0; i < staged; i++) {
        const block = this.blockOf(series[from + i] as number);
        this.saveCopy(block);
        integers[ADDRESSES / 4 + i] = 8 * block;
      }
      this.stageMany(columns, from, staged);
      this.runtime.updateMany(ADDRESSES, 0, staged);
    }
  }

  /** What the vector would be if `bar` closed now; nothing is kept. For bars that are still forming. */
  preview(series: number, bar: BarInput, into: Float64Array): void {
    const block = this.blockOf(series);
    this.doubles.copyWithin(this.scratch, block, block + this.blockDoubles);
    this.stage(bar);
    this.runtime.update(8 * this.scratch, 0);
    this.read(this.scratch + this.blockDoubles, into);
  }

  /** Copies the latest vector; all NaN before the first bar. Returns `into`. */
  latest(series: number, into: Float64Array): Float64Array {
    this.read(this.blockOf(series) + this.blockDoubles, into);
    return into;
  }

  /** One value of the latest vector; NaN where it is missing or not warm. */
  value(series: number, feature: number): number {
    return this.at(this.blockOf(series) + this.blockDoubles + feature);
  }

  /**
   * Goes back to before bar `ordinal` (0 is the first bar ever), or a little further, to the nearest copy. Returns the
   * ordinal from which the caller feeds bars again with {@link update}, the revised one included; `undefined`, with
   * nothing changed, when the bar lies more than `revisableBars` back.
   */
  rewind(series: number, ordinal: number): number | undefined {
    const block = this.blockOf(series);
    const seen = this.at(block + COUNT_SLOT);
    invariant(ordinal >= 0 && ordinal <= seen, `a rewind goes to a bar that was seen (${ordinal} of ${seen})`);
    if (ordinal === seen) return seen;
    if (seen - ordinal > this.revisableBars) {
      this.rewindsRefused++;
      return undefined;
    }
    let best = -1;
    let bestSeen = -1;
    for (let copy = 0; copy < this.copies; copy++) {
      const at = this.copyOf(block, copy);
      const copySeen = this.at(at + COUNT_SLOT);
      if (copySeen <= ordinal && copySeen > bestSeen) {
        best = at;
        bestSeen = copySeen;
      }
    }
    invariant(best >= 0, 'some copy lies before every bar that can be revised');
    const { doubles } = this;
    doubles.copyWithin(block, best, best + this.blockDoubles);
    doubles.fill(Number.NaN, block + this.blockDoubles, block + this.blockDoubles + this.plan.names.length);
    for (let copy = 0; copy < this.copies; copy++) {
      const at = this.copyOf(block, copy);
      if (this.at(at + COUNT_SLOT) > bestSeen) doubles[at + COUNT_SLOT] = Number.NaN;
    }
    return bestSeen;
  }

  /** Everything that later updates depend on, as bytes that {@link restore} takes on any machine. */
  snapshot(): Uint8Array {
    const from = this.firstSeries;
    const state = this.doubles.subarray(from, from + this.series * this.strideDoubles);
    return writeSnapshot(this.identity(), this.series, state);
  }

  /**
   * Takes the place of all state by what {@link snapshot} gave.
   * @throws TickloomError `bad-snapshot` when it is damaged or belongs to other features or settings.
   */
  restore(bytes: Uint8Array): void {
    const { series, state } = readSnapshot(bytes, this.identity(), this.strideDoubles);
    this.ensureSeries(series);
    this.series = series;
    this.doubles.set(state, this.firstSeries);
  }

  private identity(): string {
    return `features ${this.plan.names.join(' ')} stride ${this.strideDoubles} every ${this.copyEveryBars}`;
  }

  private blockOf(series: number): number {
    if (!(series >= 0 && series < this.series)) {
      throw new TickloomError('invariant', `Series ${series} of ${this.series} does not exist.`);
    }
    return this.firstSeries + series * this.strideDoubles;
  }

  private copyOf(block: number, copy: number): number {
    return block + this.blockDoubles * (1 + copy) + this.plan.names.length;
  }

  private saveCopy(block: number): void {
    const seen = this.at(block + COUNT_SLOT) | 0;
    if ((seen & (this.copyEveryBars - 1)) !== 0 || this.revisableBars === 0) return;
    const copy = this.copyOf(block, (seen / this.copyEveryBars) % this.copies);
    this.doubles.copyWithin(copy, block, block + this.blockDoubles);
  }

  /** The bar's numbers at the head of each row; what no feature of the plan reads may stay behind from before. */
  private stage(bar: BarInput): void {
    const staged = this.doubles;
    staged[0] = bar.open;
    staged[ROW_DOUBLES] = bar.high;
    staged[2 * ROW_DOUBLES] = bar.low;
    staged[3 * ROW_DOUBLES] = bar.close;
    staged[4 * ROW_DOUBLES] = bar.volume;
    staged[7 * ROW_DOUBLES] = bar.sessionStart;
    if (!this.readsTrades) return;
    staged[5 * ROW_DOUBLES] = bar.vwap;
    staged[6 * ROW_DOUBLES] = bar.tradeCount;
    staged[8 * ROW_DOUBLES] = bar.buyVolume;
    staged[9 * ROW_DOUBLES] = bar.sellVolume;
    staged[10 * ROW_DOUBLES] = bar.bid;
    staged[11 * ROW_DOUBLES] = bar.ask;
    staged[12 * ROW_DOUBLES] = bar.bidSize;
    staged[13 * ROW_DOUBLES] = bar.askSize;
  }

  private stageMany(columns: BarColumns, from: number, count: number): void {
    for (const field of this.plan.inputs)
      copyField(columns[field], from, count, this.doubles, ROW_DOUBLES * BAR_FIELDS.indexOf(field));
  }

  private read(from: number, into: Float64Array): void {
    const { doubles } = this;
    for (let i = 0; i < this.plan.names.length; i++) into[i] = doubles[from + i] as number;
  }

  private at(index: number): number {
    return this.doubles[index] as number;
  }
}

function copyField(column: Float64Array, from: number, count: number, staged: Float64Array, at: number): void {
  staged.set(column.subarray(from, from + count), at);
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast));
}
