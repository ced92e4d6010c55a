import { Prng } from '../src/base/index.ts';

/** Bars of a random walk in cents, as columns; the same walk as the ceilings' generator makes, on another stream. */
export interface RandomBars {
  readonly open: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
  readonly volume: Float64Array;
}

/** `symbols` walks of `bars` bars each, time-major: row t * symbols + s. */
export function randomBars(seed: number, symbols: number, bars: number): RandomBars {
  const random = new Prng(seed);
  const rows = symbols * bars;
  const open = new Float64Array(rows);
  const high = new Float64Array(rows);
  const low = new Float64Array(rows);
  const close = new Float64Array(rows);
  const volume = new Float64Array(rows);
  const last = Float64Array.from({ length: symbols }, () => cents(20 + random.uniform() * 300));
  for (let row = 0; row < rows; row++) {
    const symbol = row % symbols;
    const from = last[symbol] as number;
    const to = Math.max(1, cents(from * (1 + (random.uniform() - 0.5) * 0.004)));
    open[row] = from;
    close[row] = to;
    high[row] = cents(Math.max(from, to) * (1 + random.uniform() * 0.001));
    low[row] = cents(Math.min(from, to) * (1 - random.uniform() * 0.001));
    volume[row] = 100 + Math.floor(random.uniform() * 10_000);
    last[symbol] = to < 5 || to > 1_000 ? 100 : to;
  }
  return { open, high, low, close, volume };
}

/** Trades of `symbols` random walks at about three a millisecond over all of them. */
export interface RandomTicks {
  readonly symbol: Int32Array;
  readonly tsUs: Float64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
}

export function randomTicks(seed: number, symbols: number, count: number, startUs: number): RandomTicks {
  const random = new Prng(seed);
  const ticks: RandomTicks = {
    symbol: new Int32Array(count),
    tsUs: new Float64Array(count),
    price: new Float64Array(count),
    size: new Float64Array(count),
  };
  const last = Float64Array.from({ length: symbols }, () => cents(20 + random.uniform() * 300));
  let tsUs = startUs;
  for (let i = 0; i < count; i++) {
    const symbol = Math.floor(random.uniform() * random.uniform() * symbols);
    const price = Math.max(1, cents((last[symbol] as number) * (1 + (random.uniform() - 0.5) * 0.0005)));
    last[symbol] = price;
    tsUs += random.uniform() < 0.35 ? 1_000 : 0;
    ticks.symbol[i] = symbol;
    ticks.tsUs[i] = tsUs;
    ticks.price[i] = price;
    ticks.size[i] = 1 + Math.floor(random.uniform() * 500);
  }
  return ticks;
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}
