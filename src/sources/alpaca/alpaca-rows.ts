import type { EventBatch } from '../../model/index.ts';
import type { ProviderRows } from '../provider-rows.ts';
import { ByteTable } from '../scan/byte-table.ts';
import type { FrameBytes } from '../scan/frame-bytes.ts';
import { bitsOf, RowShape } from '../scan/row-shape.ts';
import { BUYER_MAKER } from './alpaca-frames.ts';

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

export const TRADE = new RowShape([
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
export const QUOTE = new RowShape([
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
const LETTER_S = 0x53;
const TRADE_NEEDS = bitsOf(SYMBOL, TIME, PRICE, SIZE, ID);
const QUOTE_NEEDS = bitsOf(SYMBOL, TIME, PRICE, SIZE, ASK, ASK_SIZE);
/** Texts and lists that are kept by their bytes. */
const KEPT_TEXTS = 512;

/** A message as a scanner has read it. */
export interface ScannedRow {
  readonly numbers: Float64Array;
  readonly spans: Int32Array;
  readonly seen: number;
  has(slot: number): boolean;
}

/** Puts scanned messages into columns. Names that the tables of the run do not know yet are for the general reading. */
export class AlpacaRows {
  private readonly frame: FrameBytes;
  private readonly row: ScannedRow;
  private readonly sourceId: number;
  private readonly symbols: ByteTable;
  private readonly exchanges: ByteTable;
  private readonly conditions: ByteTable;
  private readonly findBuyerMaker: () => number | undefined;

  /**
   * @param idOfList the id of a list of conditions by the text that `textOfList` makes of its bytes
   */
  constructor(
    rows: ProviderRows,
    symbolCount: number,
    frame: FrameBytes,
    row: ScannedRow,
    idOfList: (text: string) => number | undefined,
    textOfList?: (frame: FrameBytes, start: number, length: number) => string | undefined,
  ) {
    const { universe } = rows;
    this.frame = frame;
    this.row = row;
    this.sourceId = rows.sourceId;
    this.symbols = new ByteTable(symbolCount, (text) => {
      const symbol = rows.instrument(text);
      return symbol < 0 ? undefined : symbol;
    });
    this.exchanges = new ByteTable(KEPT_TEXTS, (text) => universe.exchanges.find(text));
    this.conditions = new ByteTable(KEPT_TEXTS, idOfList, textOfList);
    this.findBuyerMaker = () => universe.conditions.find(BUYER_MAKER);
  }

  /** Appends the message that was scanned last; false where it lacks something or holds a new name. */
  take(isTrade: boolean, batch: EventBatch, recvUs: number): boolean {
    const needs = isTrade ? TRADE_NEEDS : QUOTE_NEEDS;
    if ((this.row.seen & needs) !== needs) return false;
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
