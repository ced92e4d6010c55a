import type { EventBatch } from '../../model/index.ts';
import type { RowOutlet } from '../adapter.ts';
import type { ProviderRows } from '../provider-rows.ts';
import { UNEXPECTED } from '../scan/field-forms.ts';
import { FrameBytes } from '../scan/frame-bytes.ts';
import { FrameRows } from '../scan/frame-rows.ts';
import { MsgpackScanner } from '../scan/msgpack-scanner.ts';
import { conditionsText } from './alpaca-frames.ts';
import { AlpacaRows, QUOTE, TRADE } from './alpaca-rows.ts';

/** The texts `T`, and a letter, as a little-endian word without the letter. */
const TYPE_WORD = 0x00a154a1;
const LETTER_T = 0x74;
const LETTER_Q = 0x71;

/** The same as {@link AlpacaScanner} for binary frames. */
export class AlpacaMsgpackScanner {
  private readonly frame = new FrameBytes();
  private readonly row = new MsgpackScanner(this.frame);
  private readonly rows: AlpacaRows;

  constructor(rows: ProviderRows, symbolCount: number) {
    const { conditions } = rows.universe;
    this.rows = new AlpacaRows(rows, symbolCount, this.frame, this.row, (text) => conditions.find(text), textOfList);
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
    const messages = row.listCount(0);
    if (messages <= 0) return false;
    let at = row.headEnd;
    let batch = rows.next();
    for (let left = messages; left > 0; left--) {
      if (batch.isFull) batch = rows.next();
      at = this.message(at, batch, recvUs);
      if (at < 0) return false;
    }
    return at === frame.length;
  }

  private message(at: number, batch: EventBatch, recvUs: number): number {
    const { row, frame } = this;
    const fields = row.mapCount(at);
    const first = row.headEnd;
    if (fields < 1 || (frame.view.getInt32(first, true) & 0x00ffffff) !== TYPE_WORD) return UNEXPECTED;
    const type = frame.bytes[first + 3] as number;
    const isTrade = type === LETTER_T;
    if (!isTrade && type !== LETTER_Q) return UNEXPECTED;
    const end = row.fields(first + 4, fields - 1, isTrade ? TRADE : QUOTE);
    return end > 0 && this.rows.take(isTrade, batch, recvUs) ? end : UNEXPECTED;
  }
}

/** What a list of short texts is in the column of conditions; `undefined` where one of them is no plain ASCII. */
function textOfList(frame: FrameBytes, start: number, length: number): string | undefined {
  const codes: string[] = [];
  for (let at = start + 1; at < start + length; ) {
    const size = (frame.bytes[at] as number) & 0x1f;
    const code = frame.plainText(at + 1, at + 1 + size);
    if (code === undefined) return undefined;
    codes.push(code);
    at += 1 + size;
  }
  return conditionsText(codes);
}
