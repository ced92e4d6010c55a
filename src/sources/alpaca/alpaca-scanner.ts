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
import { BUYER_MAKER, conditionsText } from './alpaca-frames.ts';

/** Slots that trades and quotes share. */
const SYMBOL = 0;
const TIME = 1;
const EXCHANGE = 2;
const CONDITIONS = 3;
const PRICE = 4;
const SIZE = 5;
const ID = 6;
const TAKER = 7;
const ASK = 6;
const ASK_SIZE = 7;

const TRADE = new RowShape([
  ['S', 'text'],
  ['t', 'time'],
  ['x', 'text'],
  ['c', 'list'],
  ['p', 'number'],
  ['s', 'number'],
  ['i', 'number'],
  ['tks', 'text'],
  ['T', 'refuse'],
]);
const QUOTE = new RowShape([
  ['S', 'text'],
  ['t', 'time'],
  ['bx', 'text'],
  ['c', 'list'],
  ['bp', 'number'],
  ['bs', 'number'],
  ['ap', 'number'],
  ['as', 'number'],
  ['T', 'refuse'],
]);
const TRADE_NEEDS = bitsOf(SYMBOL, TIME, PRICE, SIZE, ID);
const QUOTE_NEEDS = bitsOf(SYMBOL, TIME, PRICE, SIZE, ASK, ASK_SIZE);
/** `{"T"` as a little-endian word. */
const TYPE_WORD = 0x2254227b;
/** Bytes before the first field after the type: `{"T":"t",`. */
const HEAD = 9;
const LETTER_T = 0x74;
const LETTER_Q = 0x71;
const LETTER_S = 0x53;
/** Exchanges and lists of conditions that are kept by their bytes. */
const KEPT_TEXTS = 512;

/**
 * Reads text frames that hold trades and quotes in their documented shape straight into columns. Of any other frame it
 * takes nothing: the general reading ({@link AlpacaFrames}) does all of it, and so all that is said about bad ones. A
 * name that is new to the tables is read there once.
 */
export class AlpacaScanner {
  private readonly sourceId: number;
  private readonly frame = new FrameBytes();
  private readonly row = new RowScanner(this.frame);
  private readonly symbols: ByteTable;
  private readonly exchanges: ByteTable;
  private readonly conditions: ByteTable;
  private readonly findBuyerMaker: () => number | undefined;

  constructor(rows: ProviderRows, symbolCount: number) {
    const { universe } = rows;
    this.sourceId = rows.sourceId;
    this.symbols = new ByteTable(symbolCount, (text) => {
      const symbol = rows.instrument(text);
      return symbol < 0 ? undefined : symbol;
    });
    this.exchanges = new ByteTable(KEPT_TEXTS, (text) => universe.exchanges.find(text));
    this.conditions = new ByteTable(KEPT_TEXTS, (text) =>
      idOfList(text, (codes) => universe.conditions.find(conditionsText(codes))),
    );
    this.findBuyerMaker = () => universe.conditions.find(BUYER_MAKER);
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
      at++;
      if ((bytes[at] as number) <= 0x20) at = row.space(at);
      if (batch.isFull) batch = rows.next();
      at = this.message(at, batch, recvUs);
      if (at < 0) return false;
      if ((bytes[at] as number) <= 0x20) at = row.space(at);
    } while (bytes[at] === 0x2c);
    return bytes[at] === 0x5d && row.space(at + 1) === frame.length;
  }

  /** Place behind a message whose type comes first, UNEXPECTED for any other. */
  private message(at: number, batch: EventBatch, recvUs: number): number {
    const { bytes, view } = this.frame;
    const isHead = view.getInt32(at, true) === TYPE_WORD && (view.getInt32(at + 4, true) & 0xff00ffff) === 0x2200223a;
    if (!isHead || bytes[at + 8] !== 0x2c) return UNEXPECTED;
    const type = bytes[at + 6] as number;
    const isTrade = type === LETTER_T;
    if (!isTrade && type !== LETTER_Q) return UNEXPECTED;
    const { row } = this;
    const end = row.fields(at + HEAD, isTrade ? TRADE : QUOTE);
    const needs = isTrade ? TRADE_NEEDS : QUOTE_NEEDS;
    if (end < 0 || (row.seen & needs) !== needs) return UNEXPECTED;
    return this.take(isTrade, batch, recvUs) ? end : UNEXPECTED;
  }

  private take(isTrade: boolean, batch: EventBatch, recvUs: number): boolean {
    const { row, frame, sourceId } = this;
    const { numbers, spans } = row;
    const symbol = this.symbols.find(frame, spans[SYMBOL] as number);
    if (symbol === undefined) return false;
    const exchange = row.has(EXCHANGE) ? this.textId(this.exchanges, EXCHANGE) : 0;
    const conditions = this.conditionsId(isTrade);
    if (exchange === undefined || conditions === undefined) return false;
    const tsUs = numbers[TIME] as number;
    const price = numbers[PRICE] as number;
    const size = numbers[SIZE] as number;
    const id = numbers[ID] as number;
    let at: number;
    if (isTrade) {
      if (Number.isNaN(price + size + tsUs) || !Number.isSafeInteger(id)) return false;
      at = batch.addTrade(symbol, sourceId, tsUs, recvUs, price, size);
      batch.idNum[at] = id;
    } else {
      const askSize = numbers[ASK_SIZE] as number;
      const ask = numbers[ASK] as number;
      if (Number.isNaN(price + ask + size + askSize + tsUs)) return false;
      at = batch.addQuote(symbol, sourceId, tsUs, recvUs, price, size, ask, askSize);
    }
    batch.exchange[at] = exchange;
    batch.conditions[at] = conditions;
    return true;
  }

  private conditionsId(isTrade: boolean): number | undefined {
    const { row, frame } = this;
    if (isTrade && row.has(TAKER)) {
      const span = row.spans[TAKER] as number;
      if ((span & 0xff) === 1 && frame.bytes[span >> 8] === LETTER_S) return this.findBuyerMaker();
    }
    return row.has(CONDITIONS) ? this.textId(this.conditions, CONDITIONS) : 0;
  }

  private textId(table: ByteTable, slot: number): number | undefined {
    return table.find(this.frame, this.row.spans[slot] as number);
  }
}
