import type { EventBatch } from '../../model/index.ts';
import type { RowOutlet } from '../adapter.ts';
import type { ProviderRows } from '../provider-rows.ts';
import { UNEXPECTED } from '../scan/field-forms.ts';
import { FrameBytes } from '../scan/frame-bytes.ts';
import { FrameRows } from '../scan/frame-rows.ts';
import { idOfList } from '../scan/listed-codes.ts';
import { RowScanner } from '../scan/row-scanner.ts';
import { conditionsText } from './alpaca-frames.ts';
import { AlpacaRows, QUOTE, TRADE } from './alpaca-rows.ts';

/** `{"T"` as a little-endian word. */
const TYPE_WORD = 0x2254227b;
/** Bytes before the first field after the type: `{"T":"t",`. */
const HEAD = 9;
const LETTER_T = 0x74;
const LETTER_Q = 0x71;

/**
 * Reads text frames that hold trades and quotes in their documented shape straight into columns. Of any other frame it
 * takes nothing: the general reading ({@link AlpacaFrames}) does all of it, and so all that is said about bad ones. A
 * name that is new to the tables is read there once.
 */
export class AlpacaScanner {
  private readonly frame = new FrameBytes();
  private readonly row = new RowScanner(this.frame);
  private readonly rows: AlpacaRows;

  constructor(rows: ProviderRows, symbolCount: number) {
    const { conditions } = rows.universe;
    this.rows = new AlpacaRows(rows, symbolCount, this.frame, this.row, (text) =>
      idOfList(text, (codes) => conditions.find(conditionsText(codes))),
    );
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
    return end > 0 && this.rows.take(isTrade, batch, recvUs) ? end : UNEXPECTED;
  }
}
