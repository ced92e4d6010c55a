import type { Micros } from '../base/index.ts';
import { EventKind } from '../model/index.ts';
import type { SimulatedTape } from './tape.ts';
import { isSellerTaker } from './tape-history.ts';

/** A bar that grows with the trades that are played. */
export class LiveBar {
  readonly startUs: Micros;
  readonly open: number;
  high: number;
  low: number;
  close: number;
  volume = 0;
  value = 0;
  trades = 0;
  takerBuyVolume = 0;

  constructor(startUs: Micros, price: number) {
    this.startUs = startUs;
    this.open = price;
    this.high = price;
    this.low = price;
    this.close = price;
  }

  get vwap(): number {
    return this.volume > 0 ? this.value / this.volume : this.close;
  }

  add(price: number, size: number, isSeller: boolean): void {
    this.high = Math.max(this.high, price);
    this.low = Math.min(this.low, price);
    this.close = price;
    this.volume += size;
    this.value += price * size;
    this.trades++;
    if (!isSeller) this.takerBuyVolume += size;
  }
}

/**
 * Bars of one length from the rows that are played, per symbol. A bar is done when a trade of a later one comes: no
 * timer, so that a tape gives the same bars at any speed. Symbols whose tape has bars of that length get those instead.
 */
export class LiveBars {
  private readonly tape: SimulatedTape;
  private readonly lengthUs: number;
  private readonly forming: (LiveBar | undefined)[] = [];

  constructor(tape: SimulatedTape, lengthUs: number) {
    this.tape = tape;
    this.lengthUs = lengthUs;
  }

  /** The bar that a row completes, if it does. */
  take(row: number): LiveBar | undefined {
    const { tape } = this;
    const symbol = tape.symbol[row] as number;
    const kind = tape.kind[row];
    if (kind === EventKind.SourceBar) return this.fromTape(row);
    if (kind !== EventKind.Trade || tape.has(symbol, EventKind.SourceBar)) return undefined;
    const startUs = Math.floor((tape.tsEventUs[row] as number) / this.lengthUs) * this.lengthUs;
    const price = tape.p0[row] as number;
    let bar = this.forming[symbol];
    let done: LiveBar | undefined;
    if (bar === undefined || startUs > (bar.startUs as number)) {
      done = bar;
      bar = new LiveBar(startUs, price);
      this.forming[symbol] = bar;
    } else if (startUs < (bar.startUs as number)) return undefined;
    bar.add(price, tape.p1[row] as number, isSellerTaker(tape.conditionText(row)));
    return done;
  }

  private fromTape(row: number): LiveBar | undefined {
    const { tape } = this;
    const [volume, vwap, trades, lengthUs] = tape.barPart(row);
    if (lengthUs !== this.lengthUs) return undefined;
    const bar = new LiveBar(tape.tsEventUs[row] as number, tape.p0[row] as number);
    bar.high = tape.p1[row] as number;
    bar.low = tape.p2[row] as number;
    bar.close = tape.p3[row] as number;
    bar.volume = volume === volume ? volume : 0;
    bar.value = bar.volume * (vwap === vwap ? vwap : bar.close);
    bar.trades = trades === trades ? trades : 1;
    return bar;
  }
}
