import { type Micros, US_PER_MINUTE } from '../../base/index.ts';
import { EventBatch, EventKind, type Universe } from '../../model/index.ts';
import { demoModelInstrument } from './demo-market.ts';
import type { DemoSeries } from './demo-series.ts';

/** Trades looked at per minute: enough for a candle, few enough that days of past are made in a moment. */
const SAMPLES = 16;

/**
 * One-minute bars of the demo market's past, received when they ended. A bar is made from a sample of the trades of its
 * minute, so that its prices are prices that were traded; its volume is the sample's mean size times the number of
 * trades. Where ticks of the same minutes are wanted, they are to be had from the source's history.
 */
export function* demoPastBars(
  series: readonly DemoSeries[],
  universe: Universe,
  source: string,
  fromUs: Micros,
  toUs: Micros,
  capacity = 4_096,
): Generator<EventBatch> {
  const sourceId = universe.sources.intern(source);
  const symbols = series.map(({ instrument }) => universe.add(demoModelInstrument(instrument)));
  const batch = new EventBatch(capacity);
  const firstUs = Math.ceil(fromUs / US_PER_MINUTE) * US_PER_MINUTE;
  for (let startUs = firstUs; startUs + US_PER_MINUTE <= toUs; startUs += US_PER_MINUTE) {
    for (const [i, one] of series.entries()) {
      if (batch.isFull) {
        yield batch;
        batch.clear();
      }
      addBar(batch, one, symbols[i] as number, sourceId, startUs);
    }
  }
  if (batch.length > 0) yield batch;
}

function addBar(batch: EventBatch, series: DemoSeries, symbol: number, source: number, startUs: Micros): void {
  const first = series.firstTradeFrom(startUs);
  const end = series.firstTradeFrom(startUs + US_PER_MINUTE);
  const trades = end - first;
  if (trades === 0) return;
  const samples = Math.min(SAMPLES, trades);
  let [open, high, low, close, volume, notional] = [Number.NaN, -Infinity, Infinity, Number.NaN, 0, 0];
  for (let i = 0; i < samples; i++) {
    const k = samples === 1 ? first : first + Math.round((i * (trades - 1)) / (samples - 1));
    series.trade(k, series.tradeTimeUs(k));
    const { price, size } = series;
    if (i === 0) open = price;
    close = price;
    if (price > high) high = price;
    if (price < low) low = price;
    volume += size;
    notional += size * price;
  }
  const row = batch.begin(EventKind.SourceBar, symbol, source, startUs, startUs + US_PER_MINUTE);
  const scale = trades / samples;
  batch.p0[row] = open;
  batch.p1[row] = high;
  batch.p2[row] = low;
  batch.p3[row] = close;
  batch.p4[row] = Math.round(volume * scale * 1e8) / 1e8;
  batch.p5[row] = notional / volume;
  batch.p6[row] = trades;
  batch.p7[row] = US_PER_MINUTE;
}
