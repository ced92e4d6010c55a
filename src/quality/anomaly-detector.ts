import { US_PER_MINUTE, US_PER_SECOND } from '../base/index.ts';
import { followLevel, LEVEL_SLOTS, type LevelRule, levelLimit, usualLevel } from './level-track.ts';
import { type OutlierRule, resetTrack, TRACK_SLOTS, trackedPrice, trackedScale, trackPrice } from './outlier-track.ts';

/** Thresholds of what counts as unusual. */
export interface AnomalyThresholds {
  /** Robust standard deviations, and least move in percent, beyond which a price is a spike. */
  readonly priceZ: number;
  readonly priceLeastPct: number;
  /** Robust standard deviations of the logarithm, and least multiple of the usual volume of a window. */
  readonly volumeZ: number;
  readonly volumeLeastRatio: number;
  /** Length of a window of volume. */
  readonly volumeWindowS: number;
  /** The same of the spread. */
  readonly spreadZ: number;
  readonly spreadLeastRatio: number;
}

/** Told of what is unusual: what was measured, the bound, and what is usual. `barUs` is the length of the bar, 0 for none. */
export interface AnomalyListener {
  onPriceSpike(symbol: number, price: number, usual: number, limitPct: number, barUs: number): void;
  /** Units traded in one window, or one bar. */
  onVolumeSpike(symbol: number, volume: number, limit: number, usual: number, barUs: number): void;
  /** Spreads over the middle of the quote, in hundredths of a percent. */
  onSpreadBlowout(symbol: number, spreadBps: number, limitBps: number, usualBps: number): void;
}

/** After a silence this long nothing is compared with what was before (bars: after ten bar lengths). */
const RESET_AFTER_US = 15 * US_PER_MINUTE;
/** A window has a few hundred trades or none, a spread changes with every other quote: memories of 20 and of 100 values. */
const VOLUME = { rate: 0.05, warmUp: 20 } as const;
const SPREAD = { rate: 0.01, warmUp: 50 } as const;
/** A spread of a tick or two is none that anyone has to hear of, whatever it was before. */
const LEAST_SPREAD_BPS = 10;

// Columns per symbol: price, volume and spread of trades and quotes; price, volume and length of ready-made bars.
const PRICE = 0;
const TRADED = TRACK_SLOTS;
const VOLUME_SLOTS = LEVEL_SLOTS + 4;
const SPREADS = TRADED + VOLUME_SLOTS;
const SPREAD_US = SPREADS + LEVEL_SLOTS;
const BAR_PRICE = SPREAD_US + 1;
const BAR_VOLUME = BAR_PRICE + TRACK_SLOTS;
const BAR_LENGTH = BAR_VOLUME + VOLUME_SLOTS;
const STRIDE = BAR_LENGTH + 1;
// Behind the level of a volume: the window in hand, what was traded in it, its limit (until told), the latest event.
const WINDOW = LEVEL_SLOTS;
const SUM = LEVEL_SLOTS + 1;
const LIMIT = LEVEL_SLOTS + 2;
const TRADED_US = LEVEL_SLOTS + 3;

/**
 * Finds prices, volumes and spreads beyond the recent range of their symbol, event by event, with a fixed number of
 * doubles per symbol. Events must come in order of event time: those out of order are no news of the range. With
 * `isTold` false a value is followed without a word: it is of the past, or of a time without a session.
 */
export class AnomalyDetector {
  private readonly listener: AnomalyListener;
  private readonly price: OutlierRule;
  private readonly volume: LevelRule;
  private readonly spread: LevelRule;
  private readonly windowUs: number;
  private state = new Float64Array(0);

  constructor(thresholds: AnomalyThresholds, listener: AnomalyListener) {
    const { priceZ, priceLeastPct, volumeZ, volumeLeastRatio, spreadZ, spreadLeastRatio } = thresholds;
    this.listener = listener;
    this.price = { outlierZ: priceZ, minScale: priceLeastPct / 100 / priceZ };
    this.volume = { z: volumeZ, leastRatio: volumeLeastRatio, ...VOLUME };
    this.spread = { z: spreadZ, leastRatio: spreadLeastRatio, ...SPREAD };
    this.windowUs = thresholds.volumeWindowS * US_PER_SECOND;
  }

  /** A price that is news: of a trade that sets the last price, or the middle of a quote. */
  notePrice(symbol: number, tsUs: number, price: number, isTold: boolean): void {
    this.followPrice(symbol, this.slot(symbol) + PRICE, tsUs, price, 0, isTold);
  }

  /** What a trade adds to the volume of its window. */
  noteSize(symbol: number, tsUs: number, size: number, isTold: boolean): void {
    const base = this.slot(symbol) + TRADED;
    this.openWindow(base, Math.floor(tsUs / this.windowUs), tsUs, RESET_AFTER_US);
    this.state[base + SUM] = (this.state[base + SUM] as number) + size;
    if (isTold) this.judgeVolume(symbol, base, 0);
  }

  /** A quote with both sides, `ask` above `bid`. */
  noteSpread(symbol: number, tsUs: number, bid: number, ask: number, isTold: boolean): void {
    const base = this.slot(symbol);
    const { state } = this;
    if (tsUs - (state[base + SPREAD_US] as number) > RESET_AFTER_US) resetLevel(state, base + SPREADS);
    state[base + SPREAD_US] = tsUs;
    const bps = ((ask - bid) / (ask / 2 + bid / 2)) * 10_000;
    const log = Math.log(bps);
    if (isTold && bps > LEAST_SPREAD_BPS && log > levelLimit(state, base + SPREADS, this.spread)) {
      const limitBps = Math.max(Math.exp(levelLimit(state, base + SPREADS, this.spread)), LEAST_SPREAD_BPS);
      this.listener.onSpreadBlowout(symbol, bps, limitBps, usualLevel(state, base + SPREADS));
    }
    followLevel(state, base + SPREADS, log, this.spread);
  }

  /** A ready-made bar, or a newer state of the latest one. `volume` is NaN where there is none. */
  noteBar(symbol: number, startUs: number, lengthUs: number, close: number, volume: number, isTold: boolean): void {
    const base = this.slot(symbol);
    const { state } = this;
    if (state[base + BAR_LENGTH] !== lengthUs) {
      // Bars of another length have other returns and volumes.
      resetTrack(state, base + BAR_PRICE);
      state.fill(0, base + BAR_VOLUME, base + BAR_VOLUME + VOLUME_SLOTS);
      state[base + BAR_LENGTH] = lengthUs;
    }
    this.followPrice(symbol, base + BAR_PRICE, startUs, close, lengthUs, isTold);
    if (!(volume >= 0)) return;
    this.openWindow(base + BAR_VOLUME, startUs, startUs, resetAfter(lengthUs));
    state[base + BAR_VOLUME + SUM] = volume;
    if (isTold) this.judgeVolume(symbol, base + BAR_VOLUME, lengthUs);
  }

  private followPrice(symbol: number, base: number, tsUs: number, price: number, barUs: number, isTold: boolean): void {
    const usual = trackedPrice(this.state, base);
    const scale = trackedScale(this.state, base);
    const isSpike = trackPrice(this.state, base, price, tsUs, resetAfter(barUs), true, this.price);
    if (!isSpike || !isTold) return;
    const limitPct = 100 * Math.min(1, this.price.outlierZ * Math.max(scale, this.price.minScale));
    this.listener.onPriceSpike(symbol, price, usual, limitPct, barUs);
  }

  /** Begins the window of an event; the one before is over and becomes part of what is usual. */
  private openWindow(base: number, window: number, tsUs: number, resetAfterUs: number): void {
    const { state } = this;
    if (tsUs - (state[base + TRADED_US] as number) > resetAfterUs) {
      resetLevel(state, base);
      state[base + SUM] = 0;
    }
    state[base + TRADED_US] = tsUs;
    if (state[base + WINDOW] === window) return;
    const sum = state[base + SUM] as number;
    if (sum > 0) followLevel(state, base, Math.log(sum), this.volume);
    state[base + WINDOW] = window;
    state[base + SUM] = 0;
    state[base + LIMIT] = Math.exp(levelLimit(state, base, this.volume));
  }

  private judgeVolume(symbol: number, base: number, barUs: number): void {
    const { state } = this;
    const sum = state[base + SUM] as number;
    const limit = state[base + LIMIT] as number;
    if (!(sum > limit)) return;
    // Once per window is enough.
    state[base + LIMIT] = Number.POSITIVE_INFINITY;
    this.listener.onVolumeSpike(symbol, sum, limit, usualLevel(state, base), barUs);
  }

  private slot(symbol: number): number {
    const base = symbol * STRIDE;
    if (base + STRIDE > this.state.length) {
      const state = new Float64Array(Math.max(2 * this.state.length, base + STRIDE));
      state.set(this.state);
      this.state = state;
    }
    return base;
  }

  /** The columns of all symbols. */
  snapshot(): Float64Array {
    return this.state;
  }

  restore(state: Float64Array): void {
    this.state = state.slice();
  }
}

function resetAfter(barUs: number): number {
  return Math.max(RESET_AFTER_US, 10 * barUs);
}

function resetLevel(state: Float64Array, base: number): void {
  state.fill(0, base, base + LEVEL_SLOTS);
}
