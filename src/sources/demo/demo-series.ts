import { type Micros, US_PER_SECOND } from '../../base/index.ts';
import type { DemoInstrument } from './demo-market.ts';

/** Event 0 of every demo symbol lies here: 2024-01-01T00:00:00Z. */
export const DEMO_EPOCH_US: Micros = 1_704_067_200_000_000;

const OCTAVES = 22;
const SHORTEST_PERIOD_S = 0.5;
const SECONDS_PER_YEAR = 31_557_600;
/** Value noise with a smooth kernel has this standard deviation, and increments over one period about as large. */
const NOISE_DEVIATION = 0.42;

/**
 * One symbol of the demo market as a pure function: event k (trades and quotes are two such sequences) has a time, and
 * every time has a price, for given seed and rate. Nothing is remembered but a cache of noise values, so that any
 * part can be asked for again, in any order, and is the same.
 */
export class DemoSeries {
  readonly instrument: DemoInstrument;
  readonly ratePerSecond: number;
  private readonly periodUs: number;
  private readonly salt: number;
  private readonly step: number;
  private readonly priceScale: number;
  private readonly halfSpread: number;
  private readonly sizeScale: number;
  private readonly cells = new Float64Array(OCTAVES).fill(Number.NaN);
  private readonly left = new Float64Array(OCTAVES);
  private readonly right = new Float64Array(OCTAVES);
  private readonly amplitudes = new Float64Array(OCTAVES);
  private readonly perUs = new Float64Array(OCTAVES);
  /** Filled by {@link trade}. */
  price = 0;
  size = 0;
  /** Filled by {@link quote}. */
  bid = 0;
  bidSize = 0;
  ask = 0;
  askSize = 0;

  constructor(instrument: DemoInstrument, ratePerSecond: number, seed: number) {
    this.instrument = instrument;
    this.ratePerSecond = ratePerSecond;
    this.periodUs = US_PER_SECOND / ratePerSecond;
    this.salt = saltOf(instrument.symbol, seed);
    this.step = 10 ** -instrument.decimals;
    this.priceScale = 10 ** instrument.decimals;
    this.sizeScale = 10 ** instrument.sizeDecimals;
    this.halfSpread = (instrument.spreadSteps * this.step) / 2;
    const perSecond = instrument.annualVolatility / Math.sqrt(SECONDS_PER_YEAR);
    for (let i = 0; i < OCTAVES; i++) {
      const periodS = SHORTEST_PERIOD_S * 2 ** i;
      this.amplitudes[i] = (perSecond * Math.sqrt(periodS)) / NOISE_DEVIATION / 2;
      this.perUs[i] = 1 / (periodS * US_PER_SECOND);
    }
  }

  /** Time of trade k (k ≥ 0), strictly inside its own interval, so that times rise with k. */
  tradeTimeUs(k: number): Micros {
    return DEMO_EPOCH_US + Math.floor((k + unit(k, this.salt)) * this.periodUs);
  }

  quoteTimeUs(k: number): Micros {
    return DEMO_EPOCH_US + Math.floor((k + unit(k, this.salt ^ 0x5bd1e995)) * this.periodUs);
  }

  /** The first trade at or after a time. */
  firstTradeFrom(us: Micros): number {
    let k = Math.max(0, Math.floor((us - DEMO_EPOCH_US) / this.periodUs) - 1);
    while (this.tradeTimeUs(k) < us) k++;
    return k;
  }

  firstQuoteFrom(us: Micros): number {
    let k = Math.max(0, Math.floor((us - DEMO_EPOCH_US) / this.periodUs) - 1);
    while (this.quoteTimeUs(k) < us) k++;
    return k;
  }

  /** Puts price and size of trade k into the fields: at the ask or at the bid around the middle of its time. */
  trade(k: number, timeUs: Micros): void {
    const middle = this.middle(timeUs);
    const draw = unit(k, this.salt ^ 0x27d4eb2f);
    const side = draw < 0.5 ? -1 : 1;
    this.price = this.rounded(middle + side * this.halfSpread);
    this.size = this.sizeOf((draw * 2) % 1);
  }

  quote(k: number, timeUs: Micros): void {
    const middle = this.middle(timeUs);
    const draw = unit(k, this.salt ^ 0x165667b1);
    const wide = draw < 0.1 ? 2 : 1;
    this.bid = this.rounded(middle - wide * this.halfSpread);
    const above = Math.round(this.instrument.spreadSteps * wide);
    this.ask = Math.round(this.bid * this.priceScale + above) / this.priceScale;
    this.bidSize = this.sizeOf((draw * 8) % 1);
    this.askSize = this.sizeOf((draw * 64) % 1);
  }

  /** The price between bid and ask: value noise on octaves, each as strong as a random walk of its length. */
  private middle(timeUs: Micros): number {
    const { cells, left, right, perUs } = this;
    const since = timeUs - DEMO_EPOCH_US;
    let log = 0;
    for (let i = 0; i < OCTAVES; i++) {
      const x = since * (perUs[i] as number);
      const cell = Math.floor(x);
      if (cell !== cells[i]) {
        cells[i] = cell;
        left[i] = this.latticeValue(i, cell);
        right[i] = this.latticeValue(i, cell + 1);
      }
      const f = x - cell;
      const a = left[i] as number;
      log += a + ((right[i] as number) - a) * f * f * (3 - 2 * f);
    }
    return this.instrument.price * Math.exp(log);
  }

  private latticeValue(octave: number, cell: number): number {
    const value = unit(cell, this.salt ^ Math.imul(octave + 1, 0x9e3779b1)) * 2 - 1;
    return value * (this.amplitudes[octave] as number);
  }

  private rounded(price: number): number {
    const steps = Math.round(price * this.priceScale);
    return Math.max(1, steps) / this.priceScale;
  }

  /** Many small sizes, few large ones; equities prefer round lots. */
  private sizeOf(draw: number): number {
    const { size, assetClass } = this.instrument;
    if (assetClass === 'equity') {
      if (draw < 0.35) return 1 + Math.floor(draw * 282);
      return size * (1 + Math.floor(12 * (draw - 0.35) ** 4 * 20));
    }
    const scaled = Math.round(size * (0.1 + 4 * draw * draw * draw) * this.sizeScale);
    return Math.max(1, scaled) / this.sizeScale;
  }
}

function saltOf(symbol: string, seed: number): number {
  let hash = mix((seed % 4_294_967_296) ^ Math.imul(Math.floor(seed / 4_294_967_296), 0x85ebca6b));
  for (let i = 0; i < symbol.length; i++) hash = mix(hash ^ symbol.charCodeAt(i));
  return hash;
}

/** Uniform in [0, 1) from an integer below 2^53 and a salt: the finaliser of MurmurHash3 over both halves. */
function unit(k: number, salt: number): number {
  const high = (k / 4_294_967_296) | 0;
  return (mix(mix((k | 0) ^ salt) + Math.imul(high, 0x7feb352d) + 0x68e31da4) >>> 0) / 4_294_967_296;
}

function mix(h: number): number {
  let x = h | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
