import type { Micros } from '../../base/index.ts';
import type { EventBatch, Universe } from '../../model/index.ts';
import { demoModelInstrument } from './demo-market.ts';
import type { DemoSeries } from './demo-series.ts';

/**
 * A position in the demo market: the next trade and quote of every symbol, in order of (time, symbol, trade before
 * quote). A heap over columns hands them out; moving on allocates nothing.
 */
export class DemoFeed {
  private readonly series: readonly DemoSeries[];
  private readonly symbolIds: Int32Array;
  private readonly sourceId: number;
  private readonly exchangeId: number;
  /** Stream 2i holds the trades of series i, stream 2i + 1 its quotes. */
  private readonly nextIndex: Float64Array;
  private readonly nextTimeUs: Float64Array;
  private readonly heap: Int32Array;

  constructor(series: readonly DemoSeries[], universe: Universe, sourceName: string) {
    this.series = series;
    this.symbolIds = Int32Array.from(series, ({ instrument }) => universe.add(demoModelInstrument(instrument)));
    this.sourceId = universe.sources.intern(sourceName);
    this.exchangeId = universe.exchanges.intern('DEMO');
    this.nextIndex = new Float64Array(series.length * 2);
    this.nextTimeUs = new Float64Array(series.length * 2);
    this.heap = new Int32Array(series.length * 2);
  }

  /** Goes to the first events at or after `fromUs`, but behind the trade ids and the events already held. */
  seek(
    fromUs: Micros,
    afterTradeIds: ReadonlyMap<string, number> = new Map(),
    afterEventUs: ReadonlyMap<string, Micros> = new Map(),
  ): void {
    this.series.forEach((series, i) => {
      const { symbol } = series.instrument;
      const held = afterTradeIds.get(symbol);
      const first = series.firstTradeFrom(fromUs);
      const k = held === undefined ? first : Math.max(first, held + 1);
      const quote = series.firstQuoteFrom(Math.max(fromUs, (afterEventUs.get(symbol) ?? fromUs - 1) + 1));
      this.nextIndex[2 * i] = k;
      this.nextTimeUs[2 * i] = series.tradeTimeUs(k);
      this.nextIndex[2 * i + 1] = quote;
      this.nextTimeUs[2 * i + 1] = series.quoteTimeUs(quote);
    });
    for (let i = 0; i < this.heap.length; i++) this.heap[i] = i;
    for (let i = (this.heap.length >> 1) - 1; i >= 0; i--) this.sink(i);
  }

  /** Time of the next event. */
  get nextUs(): Micros {
    return this.nextTimeUs[this.heap[0] as number] as number;
  }

  /**
   * Appends events before `untilUs` until none is left or the batch is full.
   * @param recvUs receive time of all of them; without it each is received at its own time.
   */
  fill(batch: EventBatch, untilUs: Micros, recvUs?: Micros): void {
    while (batch.length < batch.capacity && this.nextUs < untilUs) {
      const stream = this.heap[0] as number;
      this.emit(batch, stream, recvUs ?? this.nextUs);
      this.sink(0);
    }
  }

  /** Appends trade k of a series once more. */
  repeat(batch: EventBatch, seriesIndex: number, k: number, recvUs: Micros): void {
    const series = this.series[seriesIndex] as DemoSeries;
    this.addTrade(batch, series, seriesIndex, k, series.tradeTimeUs(k), recvUs);
  }

  private emit(batch: EventBatch, stream: number, recvUs: Micros): void {
    const index = stream >> 1;
    const series = this.series[index] as DemoSeries;
    const k = this.nextIndex[stream] as number;
    const timeUs = this.nextTimeUs[stream] as number;
    this.nextIndex[stream] = k + 1;
    if ((stream & 1) === 0) {
      this.addTrade(batch, series, index, k, timeUs, recvUs);
      this.nextTimeUs[stream] = series.tradeTimeUs(k + 1);
      return;
    }
    series.quote(k, timeUs);
    const { bid, bidSize, ask, askSize } = series;
    const symbol = this.symbolIds[index] as number;
    const row = batch.addQuote(symbol, this.sourceId, timeUs, recvUs, bid, bidSize, ask, askSize);
    batch.exchange[row] = this.exchangeId;
    this.nextTimeUs[stream] = series.quoteTimeUs(k + 1);
  }

  private addTrade(
    batch: EventBatch,
    series: DemoSeries,
    index: number,
    k: number,
    timeUs: Micros,
    recvUs: Micros,
  ): void {
    series.trade(k, timeUs);
    const symbol = this.symbolIds[index] as number;
    const row = batch.addTrade(symbol, this.sourceId, timeUs, recvUs, series.price, series.size);
    batch.exchange[row] = this.exchangeId;
    batch.idNum[row] = k;
  }

  private sink(from: number): void {
    const { heap, nextTimeUs } = this;
    const stream = heap[from] as number;
    const timeUs = nextTimeUs[stream] as number;
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && this.isBefore(heap[right] as number, heap[child] as number)) child = right;
      const other = heap[child] as number;
      const otherUs = nextTimeUs[other] as number;
      if (timeUs < otherUs || (timeUs === otherUs && stream < other)) break;
      heap[i] = other;
      i = child;
    }
    heap[i] = stream;
  }

  private isBefore(a: number, b: number): boolean {
    const aUs = this.nextTimeUs[a] as number;
    const bUs = this.nextTimeUs[b] as number;
    return aUs < bUs || (aUs === bUs && a < b);
  }
}
