import { type Micros, type NumberReader, type NumberWriter, TickloomError } from '../base/index.ts';
import type { Bar } from '../model/index.ts';
import { BAR_FIELDS } from './bar-fields.ts';

const {
  END,
  HIGH,
  LOW,
  CLOSE,
  VOLUME,
  NOTIONAL,
  COUNT,
  QUALITY,
  BUY,
  SELL,
  SOURCE,
  OPEN,
  SPREAD_SUM,
  SPREAD_COUNT,
  BID,
  ASK,
  BID_SIZE,
  ASK_SIZE,
  REVISION,
  LABEL,
} = BAR_FIELDS;

const FIRST_CAPACITY = 16;

/** Columns of doubles of a series, in their order within a row of the snapshot. */
const DOUBLES = [
  'startUs',
  'endUs',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'vwap',
  'buyVolume',
  'sellVolume',
  'spread',
  'bid',
  'ask',
  'bidSize',
  'askSize',
  'quality',
] as const;

/**
 * The closed bars of one symbol and timeframe, ascending by start: a window of at most `window` bars. Policy
 * `drop-oldest`. The arrays are rings; `slot(i)` is the place of the i-th oldest bar in each of them.
 */
export class BarSeries {
  readonly window: number;
  length = 0;
  /** Stamp of the bar (its start; midnight of the first trade date for days and longer). */
  startUs = new Float64Array(FIRST_CAPACITY);
  endUs = new Float64Array(FIRST_CAPACITY);
  open = new Float64Array(FIRST_CAPACITY);
  high = new Float64Array(FIRST_CAPACITY);
  low = new Float64Array(FIRST_CAPACITY);
  close = new Float64Array(FIRST_CAPACITY);
  volume = new Float64Array(FIRST_CAPACITY);
  /** NaN where nothing with a size was traded. */
  vwap = new Float64Array(FIRST_CAPACITY);
  buyVolume = new Float64Array(FIRST_CAPACITY);
  sellVolume = new Float64Array(FIRST_CAPACITY);
  /** Mean ask minus bid over the quotes since the bar before; NaN without quotes. */
  spread = new Float64Array(FIRST_CAPACITY);
  /** The last quote up to the closing of the bar; NaN without any. */
  bid = new Float64Array(FIRST_CAPACITY);
  ask = new Float64Array(FIRST_CAPACITY);
  bidSize = new Float64Array(FIRST_CAPACITY);
  askSize = new Float64Array(FIRST_CAPACITY);
  quality = new Float64Array(FIRST_CAPACITY);
  trades = new Uint32Array(FIRST_CAPACITY);
  revision = new Uint32Array(FIRST_CAPACITY);
  source = new Uint16Array(FIRST_CAPACITY);
  /** Bars dropped at the old end. */
  dropped = 0;
  private first = 0;
  private capacity = FIRST_CAPACITY;

  /** @param window largest number of bars kept. */
  constructor(window: number) {
    this.window = window;
  }

  /** Bytes of the columns. */
  get stateBytes(): number {
    return this.capacity * (DOUBLES.length * 8 + 10);
  }

  /** Place of the i-th oldest bar (0 … length - 1) in the columns. */
  slot(index: number): number {
    const slot = this.first + index;
    return slot >= this.capacity ? slot - this.capacity : slot;
  }

  /** Index of the bar stamped `startUs`, or -1 - (the index where it would stand). */
  find(startUs: Micros): number {
    let low = 0;
    let high = this.length;
    // Nearly every search is for the newest bar or one behind it.
    if (high > 0 && (this.startUs[this.slot(high - 1)] as number) < startUs) return -1 - high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.startUs[this.slot(middle)] as number) < startUs) low = middle + 1;
      else high = middle;
    }
    return low < this.length && this.startUs[this.slot(low)] === startUs ? low : -1 - low;
  }

  /** The i-th oldest bar as an object. */
  bar(index: number, symbol: number, timeframe: number): Bar {
    const slot = this.slot(index);
    return {
      symbol,
      timeframe,
      startUs: this.startUs[slot] as number,
      endUs: this.endUs[slot] as number,
      open: this.open[slot] as number,
      high: this.high[slot] as number,
      low: this.low[slot] as number,
      close: this.close[slot] as number,
      volume: this.volume[slot] as number,
      vwap: this.vwap[slot] as number,
      trades: this.trades[slot] as number,
      revision: this.revision[slot] as number,
      source: this.source[slot] as number,
      quality: this.quality[slot] as number,
    };
  }

  /**
   * Writes the bar of a record, in its place by start; returns its index, or -1 when it is older than a full window.
   */
  put(state: Float64Array, at: number): number {
    const found = this.find(state[at + LABEL] as number);
    const index = found >= 0 ? found : this.insert(-1 - found);
    if (index >= 0) this.write(this.slot(index), state, at);
    return index;
  }

  /** Takes out the bar stamped `startUs`; returns the index it had, -1 when it was not there. */
  remove(startUs: Micros): number {
    const index = this.find(startUs);
    if (index < 0) return -1;
    for (let i = index; i < this.length - 1; i++) this.move(this.slot(i + 1), this.slot(i));
    this.length--;
    return index;
  }

  private write(slot: number, state: Float64Array, at: number): void {
    const volume = state[at + VOLUME] as number;
    const count = state[at + COUNT] as number;
    const spreads = state[at + SPREAD_COUNT] as number;
    this.startUs[slot] = state[at + LABEL] as number;
    this.endUs[slot] = state[at + END] as number;
    this.open[slot] = state[at + OPEN] as number;
    this.high[slot] = state[at + HIGH] as number;
    this.low[slot] = state[at + LOW] as number;
    this.close[slot] = state[at + CLOSE] as number;
    this.volume[slot] = volume;
    this.vwap[slot] = volume > 0 ? (state[at + NOTIONAL] as number) / volume : Number.NaN;
    this.buyVolume[slot] = state[at + BUY] as number;
    this.sellVolume[slot] = state[at + SELL] as number;
    this.spread[slot] = spreads > 0 ? (state[at + SPREAD_SUM] as number) / spreads : Number.NaN;
    this.bid[slot] = state[at + BID] as number;
    this.ask[slot] = state[at + ASK] as number;
    this.bidSize[slot] = state[at + BID_SIZE] as number;
    this.askSize[slot] = state[at + ASK_SIZE] as number;
    this.quality[slot] = count > 0 ? Math.round((state[at + QUALITY] as number) / count) / 1000 : Number.NaN;
    this.trades[slot] = count;
    this.revision[slot] = Math.max(0, state[at + REVISION] as number);
    this.source[slot] = state[at + SOURCE] as number;
  }

  /** Makes room at an index; returns the index after the oldest may have been dropped, -1 when there is no room. */
  private insert(index: number): number {
    let place = index;
    if (this.length === this.window) {
      if (place === 0) return -1;
      this.first = this.slot(1);
      this.length--;
      this.dropped++;
      place--;
    } else if (this.length === this.capacity) {
      this.grow();
    }
    this.length++;
    for (let i = this.length - 1; i > place; i--) this.move(this.slot(i - 1), this.slot(i));
    return place;
  }

  private move(from: number, to: number): void {
    for (const column of this.columns()) column[to] = column[from] as number;
  }

  private columns(): (Float64Array | Uint32Array | Uint16Array)[] {
    const columns: (Float64Array | Uint32Array | Uint16Array)[] = DOUBLES.map((name) => this[name]);
    columns.push(this.trades, this.revision, this.source);
    return columns;
  }

  private grow(): void {
    const size = Math.min(this.window, this.capacity * 2);
    const widened = <Column extends Float64Array | Uint32Array | Uint16Array>(from: Column, to: Column): Column => {
      to.set(from.subarray(this.first));
      to.set(from.subarray(0, this.first), from.length - this.first);
      return to;
    };
    for (const name of DOUBLES) this[name] = widened(this[name], new Float64Array(size));
    this.trades = widened(this.trades, new Uint32Array(size));
    this.revision = widened(this.revision, new Uint32Array(size));
    this.source = widened(this.source, new Uint16Array(size));
    this.capacity = size;
    this.first = 0;
  }

  /** Writes the bars from `fromIndex` on as numbers. */
  save(fromIndex: number, writer: NumberWriter): void {
    const from = Math.min(fromIndex, this.length);
    const count = this.length - from;
    writer.put(count);
    const at = this.slot(from);
    const end = Math.min(this.capacity, at + count);
    for (const column of this.columns()) {
      writer.putRange(column, at, end);
      writer.putRange(column, 0, count - (end - at));
    }
  }

  /**
   * Reads what {@link save} wrote, in place of what is there.
   * @throws TickloomError `bad-snapshot` for more bars than the window holds
   */
  load(reader: NumberReader): void {
    this.length = 0;
    this.first = 0;
    const count = reader.take();
    if (!(count <= this.window)) {
      throw new TickloomError(
        'bad-snapshot',
        `The snapshot has ${count} bars of a series, the window is ${this.window}.`,
      );
    }
    while (this.capacity < count) this.grow();
    this.length = count;
    for (const column of this.columns()) reader.takeRange(column, 0, count);
  }
}
