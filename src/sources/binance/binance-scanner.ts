import type { RowOutlet } from '../adapter.ts';
import { ByteTable } from '../scan/byte-table.ts';
import { FrameBytes } from '../scan/frame-bytes.ts';
import { RowScanner } from '../scan/row-scanner.ts';
import { bitsOf, RowShape } from '../scan/row-shape.ts';
import { type BinanceFrames, microsOf } from './binance-frames.ts';

const SYMBOL = 0;
const PRICE = 1;
const SIZE = 2;
const ID = 3;
const TIME = 4;
const IS_BUYER_MAKER = 5;
const ASK = 3;
const ASK_SIZE = 4;
const UPDATE = 5;

const TRADE = new RowShape([
  ['s', 'text'],
  ['p', 'numeral'],
  ['q', 'numeral'],
  ['t', 'number'],
  ['T', 'number'],
  ['m', 'flag'],
  ['e', 'refuse'],
]);
const TICKER = new RowShape([
  ['s', 'text'],
  ['b', 'numeral'],
  ['B', 'numeral'],
  ['a', 'numeral'],
  ['A', 'numeral'],
  ['u', 'number'],
  ['e', 'refuse'],
]);
const TRADE_NEEDS = bitsOf(SYMBOL, PRICE, SIZE, ID, TIME);
const TICKER_NEEDS = bitsOf(SYMBOL, PRICE, SIZE, ASK, ASK_SIZE, UPDATE);
const STREAM_HEAD = Buffer.from('{"stream":"');
const DATA_HEAD = Buffer.from('","data":');
const TRADE_HEAD = Buffer.from('{"e":"trade",');
const TICKER_HEAD = Buffer.from('{"u":');

/** Reads wrapped trades and book tickers in their documented shape straight into columns; see {@link RowScanner}. */
export class BinanceScanner {
  private readonly frame = new FrameBytes();
  private readonly row = new RowScanner(this.frame);
  private readonly frames: BinanceFrames;
  private readonly symbols: ByteTable;
  private readonly sourceId: number;

  constructor(frames: BinanceFrames, symbolCount: number, sourceId: number) {
    this.frames = frames;
    this.sourceId = sourceId;
    this.symbols = new ByteTable(symbolCount, (text) => {
      const symbol = frames.instrument(text);
      return symbol < 0 ? undefined : symbol;
    });
  }

  /** False where something in the frame is not as expected; nothing is taken then. */
  scan(bytes: Uint8Array, recvUs: number, out: RowOutlet): boolean {
    const { frame, row } = this;
    if (!frame.load(bytes) || !frame.has(0, STREAM_HEAD)) return false;
    const nameEnd = frame.plainEnd(STREAM_HEAD.length);
    const data = nameEnd + DATA_HEAD.length;
    if (!frame.has(nameEnd, DATA_HEAD)) return false;
    const isTrade = frame.has(data, TRADE_HEAD);
    if (!isTrade && !frame.has(data, TICKER_HEAD)) return false;
    // A book ticker begins with a field that is read, a trade with its type.
    const end = row.fields(data + (isTrade ? TRADE_HEAD.length : 1), isTrade ? TRADE : TICKER);
    const needs = isTrade ? TRADE_NEEDS : TICKER_NEEDS;
    if (end < 0 || row.sawNull || (row.seen & needs) !== needs) return false;
    const close = row.space(end);
    if (frame.bytes[close] !== 0x7d || row.space(close + 1) !== frame.length) return false;
    return isTrade ? this.trade(recvUs, out) : this.quote(recvUs, out);
  }

  private trade(recvUs: number, out: RowOutlet): boolean {
    const { row, frame } = this;
    const { numbers } = row;
    const symbol = this.symbols.find(frame, row.spans[SYMBOL] as number);
    const id = numbers[ID] as number;
    const tsUs = microsOf(numbers[TIME] as number);
    if (symbol === undefined || !Number.isSafeInteger(id)) return false;
    const batch = out.batch();
    const at = batch.addTrade(symbol, this.sourceId, tsUs, recvUs, numbers[PRICE] as number, numbers[SIZE] as number);
    const isBuyerMaker = row.has(IS_BUYER_MAKER) ? numbers[IS_BUYER_MAKER] === 1 : undefined;
    this.frames.mark(batch, at, id, isBuyerMaker);
    return true;
  }

  private quote(recvUs: number, out: RowOutlet): boolean {
    const { row, frame, sourceId } = this;
    const { numbers } = row;
    const symbol = this.symbols.find(frame, row.spans[SYMBOL] as number);
    if (symbol === undefined) return false;
    const bid = numbers[PRICE] as number;
    const bidSize = numbers[SIZE] as number;
    const ask = numbers[ASK] as number;
    const askSize = numbers[ASK_SIZE] as number;
    out.batch().addQuote(symbol, sourceId, recvUs, recvUs, bid, bidSize, ask, askSize);
    return true;
  }
}
