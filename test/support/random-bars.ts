import { Prng } from '../../src/base/index.ts';
import {
  BAR_FIELDS,
  type BarColumns,
  type BarField,
  type BarInput,
  createBarInput,
} from '../../src/indicators/index.ts';

/** What a series of random bars is like. */
export interface RandomBarsOptions {
  readonly seed: number;
  readonly length: number;
  readonly price?: number;
  /** Standard deviation of a bar's move as a share of the price. */
  readonly move?: number;
  /** Share of bars in stretches without any move, and of jumps. */
  readonly isRough?: boolean;
  readonly sessionBars?: number;
}

/** A random walk on a tick grid with volumes, quotes and sessions; rough ones have flat stretches, jumps and silence. */
export function randomBars(options: RandomBarsOptions): BarColumns {
  const { seed, length, price = 100, move = 0.002, isRough = false, sessionBars = 390 } = options;
  const prng = new Prng(seed);
  const tick = price / 10_000;
  const columns = {} as { [field in BarField]: Float64Array };
  for (const field of BAR_FIELDS) columns[field] = new Float64Array(length);
  let last = price;
  let flatFor = 0;
  for (let i = 0; i < length; i++) {
    if (isRough && prng.uniform() < 0.02) flatFor = 1 + Math.floor(prng.uniform() * 60);
    const jump = isRough && prng.uniform() < 0.01 ? 30 : 1;
    const isFlat = flatFor-- > 0;
    const open = last;
    const target = isFlat ? open : open * (1 + move * jump * prng.gauss());
    const close = Math.max(tick, Math.round(target / tick) * tick);
    const wick = (): number => (isFlat ? 0 : Math.floor(prng.uniform() * 5) * tick);
    const high = Math.max(open, close) + wick();
    const low = Math.max(tick / 2, Math.min(open, close) - wick());
    const burst = isRough && prng.uniform() < 0.01 ? 10_000 : 1;
    const volume = isRough && isFlat ? 0 : Math.floor(burst * (1 + 1000 * prng.uniform()));
    const buyVolume = Math.floor(volume * prng.uniform());
    const isQuoted = !isRough || prng.uniform() < 0.8;
    const row: BarInput = {
      open,
      high,
      low,
      close,
      volume,
      vwap: (high + low) / 2,
      tradeCount: Math.ceil(volume / 100),
      sessionStart: i % sessionBars === 0 ? 1 : 0,
      buyVolume: isQuoted ? buyVolume : Number.NaN,
      sellVolume: isQuoted ? volume - buyVolume : Number.NaN,
      bid: isQuoted ? close - tick : Number.NaN,
      ask: isQuoted ? close + tick : Number.NaN,
      bidSize: isQuoted ? 1 + Math.floor(10 * prng.uniform()) : Number.NaN,
      askSize: isQuoted ? 1 + Math.floor(10 * prng.uniform()) : Number.NaN,
    };
    for (const field of BAR_FIELDS) columns[field][i] = row[field];
    last = close;
  }
  return columns;
}

/** Row `index` of the columns in a struct that the next call fills again. */
export function rowReader(columns: BarColumns): (index: number) => BarInput {
  const bar = createBarInput();
  return (index) => {
    for (const field of BAR_FIELDS) bar[field] = columns[field][index] as number;
    return bar;
  };
}
