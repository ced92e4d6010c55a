import { invariant, type Micros, UsageError } from '../../base/index.ts';
import { EventBatch, EventKind } from '../../model/index.ts';
import type { SourceFaults } from '../source.ts';
import type { DemoFeed } from './demo-feed.ts';

const STORM_TRADES = 1_000;
const LATE_US = 5_000_000;
const MAX_CUT_SECONDS = 600;
/** Trades held back at once; a further wish is refused (policy `halt` of that wish). */
const MAX_HELD = 16;

/**
 * The faults of the demo source, applied to what the feed delivers. They change when and how often events arrive,
 * never what they say: the market that is repaired is the market that never broke.
 */
export class DemoFaults implements SourceFaults {
  private readonly clock: { nowUs(): Micros };
  private readonly seriesOfSymbol: ReadonlyMap<number, number>;
  private cutUntilUs = Number.NEGATIVE_INFINITY;
  private wantsLate = 0;
  private wantsStorm = 0;
  private readonly held: { dueUs: Micros; row: EventBatch }[] = [];
  /** Ring of the last trades: series and id. */
  private readonly recentSeries = new Int32Array(STORM_TRADES);
  private readonly recentIds = new Float64Array(STORM_TRADES);
  private recentCount = 0;

  constructor(clock: { nowUs(): Micros }, seriesOfSymbol: ReadonlyMap<number, number>) {
    this.clock = clock;
    this.seriesOfSymbol = seriesOfSymbol;
  }

  cut(seconds: number): void {
    if (!(seconds > 0 && seconds <= MAX_CUT_SECONDS)) {
      throw new UsageError(`A cut lasts more than 0 and at most ${MAX_CUT_SECONDS} seconds, not ${seconds}.`, {
        subject: 'seconds',
      });
    }
    this.cutUntilUs = Math.max(this.cutUntilUs, this.clock.nowUs() + seconds * 1_000_000);
  }

  lateTrade(): void {
    if (this.held.length + this.wantsLate >= MAX_HELD) {
      throw new UsageError(`At most ${MAX_HELD} trades are held back at once.`, { subject: 'late_trade' });
    }
    this.wantsLate++;
  }

  duplicateStorm(): void {
    this.wantsStorm = 1;
  }

  isCut(nowUs: Micros): boolean {
    return nowUs < this.cutUntilUs;
  }

  /** Takes the first trade out of a delivery when one is to be late; the rest moves up. */
  holdBack(batch: EventBatch, nowUs: Micros): void {
    for (let row = 0; row < batch.length && this.wantsLate > 0; row++) {
      if (batch.kind[row] !== EventKind.Trade) continue;
      const one = new EventBatch(1);
      one.copyRow(batch, row);
      this.held.push({ dueUs: nowUs + LATE_US, row: one });
      this.wantsLate--;
      const rest = new EventBatch(Math.max(1, batch.length));
      rest.copyRows(batch, 0, row);
      rest.copyRows(batch, row + 1, batch.length);
      batch.clear();
      batch.copyRows(rest, 0, rest.length);
      row--;
    }
  }

  /** Appends held trades that are due and a storm that was asked for. */
  release(batch: EventBatch, feed: DemoFeed, nowUs: Micros): void {
    for (let i = 0; i < this.held.length && !batch.isFull; ) {
      const { dueUs, row } = this.held[i] as { dueUs: Micros; row: EventBatch };
      if (dueUs > nowUs) {
        i++;
        continue;
      }
      const at = batch.copyRow(row, 0);
      batch.tsRecvUs[at] = nowUs;
      this.held.splice(i, 1);
    }
    const count = Math.min(this.recentCount, STORM_TRADES);
    if (this.wantsStorm === 0 || batch.capacity - batch.length < count) return;
    this.wantsStorm = 0;
    for (let i = this.recentCount - count; i < this.recentCount; i++) {
      const slot = i % STORM_TRADES;
      feed.repeat(batch, this.recentSeries[slot] as number, this.recentIds[slot] as number, nowUs);
    }
  }

  /** Remembers what was delivered, for a storm. */
  remember(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) {
      if (batch.kind[row] !== EventKind.Trade) continue;
      const series = this.seriesOfSymbol.get(batch.symbol[row] as number);
      invariant(series !== undefined, 'the demo delivers its own symbols only');
      const slot = this.recentCount++ % STORM_TRADES;
      this.recentSeries[slot] = series;
      this.recentIds[slot] = batch.idNum[row] as number;
    }
  }
}
