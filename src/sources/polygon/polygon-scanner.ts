import { microsFromMillis } from '../../base/index.ts';
import type { EventBatch } from '../../model/index.ts';
import type { RowOutlet } from '../adapter.ts';
import type { ProviderRows } from '../provider-rows.ts';
import { ByteTable } from '../scan/byte-table.ts';
import { UNEXPECTED } from '../scan/field-forms.ts';
import { FrameBytes } from '../scan/frame-bytes.ts';
import { FrameRows } from '../scan/frame-rows.ts';
import { idOfList } from '../scan/listed-codes.ts';
import { RowScanner } from '../scan/row-scanner.ts';
import { bitsOf, RowShape } from '../scan/row-shape.ts';
import { idOfSpan } from '../scan/span-id.ts';
import type { PolygonConditions } from './polygon-conditions.ts';

const SYMBOL = 0;
const TIME = 1;
const EXCHANGE = 2;
const PRICE = 3;
const SIZE = 4;
const ID = 5;
const CONDITIONS = 6;
/** Size with a fraction, which goes before the other. */
const EXACT_SIZE = 7;
const ASK = 5;
const ASK_SIZE = 6;
const INDICATORS = 7;

const TRADE = new RowShape([
  ['sym', 'text'],
  ['t', 'number'],
  ['x', 'number'],
  ['p', 'number'],
  ['s', 'number'],
  ['i', 'text'],
  ['c', 'list'],
  ['ds', 'numeral'],
  // An event whose type comes twice is for the general reading.
  ['ev', 'refuse'],
]);
const QUOTE = new RowShape([
  ['sym', 'text'],
  ['t', 'number'],
  ['bx', 'number'],
  ['bp', 'number'],
  ['bs', 'number'],
  ['ap', 'number'],
  ['as', 'number'],
  ['i', 'list'],
  ['ev', 'refuse'],
]);
const TRADE_NEEDS = bitsOf(SYMBOL, TIME, PRICE, ID);
const QUOTE_NEEDS = bitsOf(SYMBOL, TIME);
/** `{"ev":"` as two overlapping little-endian words. */
const HEAD_WORD = 0x7665227b;
const HEAD_END_WORD = 0x223a2276;
/** Bytes before the first field after the type: `{"ev":"T",`. */
const HEAD = 10;
const LETTER_T = 0x54;
const LETTER_Q = 0x51;
const KEPT_LISTS = 512;
/** Numbers of exchanges that are kept. */
const EXCHANGES = 256;

/** Reads frames of trades and quotes in their documented shape straight into columns; see {@link RowScanner}. */
export class PolygonScanner {
  private readonly sourceId: number;
  private readonly frame = new FrameBytes();
  private readonly row = new RowScanner(this.frame);
  private readonly symbols: ByteTable;
  private readonly conditions: ByteTable;
  /** Lists that are only looked at for being lists. */
  private readonly indicators: ByteTable;
  /** Id plus one by the provider's number. */
  private readonly exchanges = new Int32Array(EXCHANGES);
  private readonly rows: ProviderRows;

  constructor(rows: ProviderRows, symbolCount: number, conditions: PolygonConditions) {
    this.rows = rows;
    this.sourceId = rows.sourceId;
    this.symbols = new ByteTable(symbolCount, (text) => {
      const symbol = rows.instrument(text);
      return symbol < 0 ? undefined : symbol;
    });
    this.indicators = new ByteTable(KEPT_LISTS, (text) => idOfList(text, () => 0));
    this.conditions = new ByteTable(KEPT_LISTS, (text) => idOfList(text, (codes) => conditions.find(codes)));
  }

  /** False where something in the frame is not as expected; nothing is taken then. */
  scan(frame: Uint8Array, recvUs: number, out: RowOutlet): boolean {
    if (!this.frame.load(frame)) return false;
    const rows = new FrameRows(out);
    const isRead = this.list(rows, recvUs);
    if (!isRead) rows.undo();
    return isRead;
  }

  private list(rows: FrameRows, recvUs: number): boolean {
    const { row, frame } = this;
    const { bytes } = frame;
    let at = row.space(0);
    if (bytes[at] !== 0x5b) return false;
    let batch = rows.next();
    do {
      at = row.space(at + 1);
      if (batch.isFull) batch = rows.next();
      at = this.event(at, batch, recvUs);
      if (at < 0) return false;
      at = row.space(at);
    } while (bytes[at] === 0x2c);
    return bytes[at] === 0x5d && row.space(at + 1) === frame.length;
  }

  /** Place behind an event whose type comes first, UNEXPECTED for any other. */
  private event(at: number, batch: EventBatch, recvUs: number): number {
    const { bytes, view } = this.frame;
    if (view.getInt32(at, true) !== HEAD_WORD || view.getInt32(at + 3, true) !== HEAD_END_WORD) return UNEXPECTED;
    if (bytes[at + 8] !== 0x22 || bytes[at + 9] !== 0x2c) return UNEXPECTED;
    const type = bytes[at + 7] as number;
    const isTrade = type === LETTER_T;
    if (!isTrade && type !== LETTER_Q) return UNEXPECTED;
    const { row } = this;
    const end = row.fields(at + HEAD, isTrade ? TRADE : QUOTE);
    const needs = isTrade ? TRADE_NEEDS : QUOTE_NEEDS;
    if (end < 0 || row.sawNull || (row.seen & needs) !== needs) return UNEXPECTED;
    const isTaken = isTrade ? this.trade(batch, recvUs) : this.quote(batch, recvUs);
    return isTaken ? end : UNEXPECTED;
  }

  private trade(batch: EventBatch, recvUs: number): boolean {
    const { row, frame } = this;
    const { numbers, spans } = row;
    const symbol = this.symbols.find(frame, spans[SYMBOL] as number);
    const id = idOfSpan(frame, spans[ID] as number);
    const exchange = this.exchange();
    const conditions = row.has(CONDITIONS) ? this.conditions.find(frame, spans[CONDITIONS] as number) : 0;
    const price = numbers[PRICE] as number;
    const size = this.valueOf(row.has(EXACT_SIZE) ? EXACT_SIZE : SIZE);
    const tsUs = microsFromMillis(numbers[TIME] as number) as number;
    if (symbol === undefined || id === undefined || exchange === undefined || conditions === undefined) return false;
    if (Number.isNaN(price + size + tsUs)) return false;
    const at = batch.addTrade(symbol, this.sourceId, tsUs, recvUs, price, size);
    if (typeof id === 'number') batch.idNum[at] = id;
    else batch.setId(at, id);
    batch.exchange[at] = exchange;
    batch.conditions[at] = conditions;
    return true;
  }

  /** A side that is absent has no price: NaN. */
  private quote(batch: EventBatch, recvUs: number): boolean {
    const { frame, row } = this;
    const symbol = this.symbols.find(frame, row.spans[SYMBOL] as number);
    const exchange = this.exchange();
    const tsUs = microsFromMillis(row.numbers[TIME] as number) as number;
    const bid = this.valueOf(PRICE);
    const ask = this.valueOf(ASK);
    if (symbol === undefined || exchange === undefined || Number.isNaN(tsUs)) return false;
    if (row.has(INDICATORS) && this.indicators.find(frame, row.spans[INDICATORS] as number) === undefined) return false;
    if (Number.isNaN(bid) && Number.isNaN(ask)) return false;
    const { sourceId } = this;
    const at = batch.addQuote(symbol, sourceId, tsUs, recvUs, bid, this.valueOf(SIZE), ask, this.valueOf(ASK_SIZE));
    batch.exchange[at] = exchange;
    return true;
  }

  private valueOf(slot: number): number {
    return this.row.has(slot) ? (this.row.numbers[slot] as number) : Number.NaN;
  }

  /** Id of the exchange; 0 where the event names none, `undefined` for one that is new. */
  private exchange(): number | undefined {
    if (!this.row.has(EXCHANGE)) return 0;
    const code = this.row.numbers[EXCHANGE] as number;
    if (!Number.isInteger(code) || code < 0 || code >= EXCHANGES) return undefined;
    const kept = this.exchanges[code] as number;
    if (kept !== 0) return kept - 1;
    const id = this.rows.universe.exchanges.find(String(code));
    if (id !== undefined) this.exchanges[code] = id + 1;
    return id;
  }
}
