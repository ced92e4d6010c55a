import { Digest, US_PER_MINUTE } from '../base/index.ts';
import type { Bar, Universe } from '../model/index.ts';
import { addBarValues } from './digest-sink.ts';
import type { EngineSink } from './ports.ts';

const SLOTS = 256;

/** The newest bars of one series, which may still be replaced: their starts and hash lanes. */
class RecentBars {
  readonly startUs = new Float64Array(SLOTS).fill(Number.NaN);
  readonly lanes = new Uint32Array(SLOTS * 4);
}

/**
 * Digest over the last revision of every bar: what a user ends up with, however it came about. Each bar hashes to 128
 * bits and the hashes are added modulo 2^32 per lane, so the order of arrival does not matter; a new revision takes
 * the earlier one out again. Bounded: the newest bars of a series (8 to 256 by timeframe) can be replaced, older ones are settled
 * (policy `drop-oldest`; a revision of a settled bar is counted in `unsettled` and added beside it).
 */
export class FinalBarsDigestSink implements EngineSink {
  private readonly universe: Universe;
  private readonly timeframes: readonly string[];
  /** Slots are counted in minutes at most, because bars anchored at a session do not start on multiples of their length. */
  private readonly slotUs: readonly number[];
  private readonly digest = new Digest();
  private readonly lanes = new Uint32Array(4);
  private readonly total = new Uint32Array(4);
  private readonly series: (RecentBars | undefined)[] = [];
  /** Distinct bars seen. */
  bars = 0;
  unsettled = 0;

  /** @param timeframes canonical text and nominal length of each timeframe of the engine, in its order. */
  constructor(universe: Universe, timeframes: readonly { readonly text: string; readonly lengthUs: number }[]) {
    this.universe = universe;
    this.timeframes = timeframes.map((timeframe) => timeframe.text);
    this.slotUs = timeframes.map((timeframe) => Math.min(timeframe.lengthUs, US_PER_MINUTE));
  }

  onBar(bar: Bar): void {
    this.digest.reset();
    this.digest.text(this.universe.symbol(bar.symbol));
    this.digest.text(this.timeframes[bar.timeframe] as string);
    addBarValues(this.digest, bar);
    this.digest.lanes(this.lanes, 0);
    const recent = this.recentOf(bar.symbol * this.timeframes.length + bar.timeframe);
    const slot = Math.floor(bar.startUs / (this.slotUs[bar.timeframe] as number)) % SLOTS;
    if (recent.startUs[slot] === bar.startUs) this.subtract(recent.lanes, slot * 4);
    else {
      this.bars++;
      if (bar.revision > 0) this.unsettled++;
    }
    recent.startUs[slot] = bar.startUs;
    for (let i = 0; i < 4; i++) {
      const lane = this.lanes[i] as number;
      recent.lanes[slot * 4 + i] = lane;
      this.total[i] = (this.total[i] as number) + lane;
    }
  }

  onBarRetracted(bar: Bar): void {
    const recent = this.recentOf(bar.symbol * this.timeframes.length + bar.timeframe);
    const slot = Math.floor(bar.startUs / (this.slotUs[bar.timeframe] as number)) % SLOTS;
    if (recent.startUs[slot] !== bar.startUs) {
      this.unsettled++;
      return;
    }
    this.subtract(recent.lanes, slot * 4);
    recent.startUs[slot] = Number.NaN;
    this.bars--;
  }

  private subtract(lanes: Uint32Array, at: number): void {
    for (let i = 0; i < 4; i++) this.total[i] = (this.total[i] as number) - (lanes[at + i] as number);
  }

  private recentOf(index: number): RecentBars {
    let recent = this.series[index];
    if (recent === undefined) {
      recent = new RecentBars();
      this.series[index] = recent;
    }
    return recent;
  }

  hex(): string {
    return Array.from(this.total, (lane) => lane.toString(16).padStart(8, '0')).join('');
  }
}
