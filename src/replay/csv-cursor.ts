import { parseMicros, TickloomError } from '../base/index.ts';
import { EventBatch, EventKind, type Universe } from '../model/index.ts';
import type { ByteInterner } from './byte-interner.ts';
import { type ByteCount, readText } from './byte-source.ts';
import { parseDecimal, parseEpochMillis, wasNoNumber } from './decimal.ts';
import type { InputFile } from './input-file.ts';
import { splitQuotedLine, unquoted } from './quoted-line.ts';
import { RowContext, unguarded } from './row-context.ts';
import { CURSOR_ROWS, type RowCursor } from './row-cursor.ts';
import { type RowLayout, readLayout } from './row-layout.ts';

const MAX_LINE_BYTES = 1_048_576;
const MAX_RAW_CHARACTERS = 4_096;
/** More columns than any layout has; further fields of a line are counted only. */
const MAX_FIELDS = 256;
const COMMA = 44;
const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A CSV file as events, scanned on bytes: no row and no field becomes a string unless it is kept. */
export class CsvCursor implements RowCursor {
  readonly batch = new EventBatch(CURSOR_ROWS);
  position = 0;
  private readonly file: InputFile;
  private readonly count: ByteCount = { bytes: 0 };
  private readonly chunks: AsyncGenerator<Uint8Array>;
  private layout!: RowLayout;
  private context!: RowContext;
  private buffer: Uint8Array = new Uint8Array(0);
  private at = 0;
  private end = 0;
  private hasMore = true;
  private line = 1;
  private recvUs = Number.NEGATIVE_INFINITY;
  private readonly starts = new Int32Array(MAX_FIELDS);
  private readonly ends = new Int32Array(MAX_FIELDS);
  private readonly rowStarts = new Int32Array(CURSOR_ROWS);
  private readonly rowEnds = new Int32Array(CURSOR_ROWS);
  /** Where the fields of the line in hand lie: the buffer, or a copy for a line with quoted fields. */
  private bytes = this.buffer;
  private readonly values = new Float64Array(8);
  private problem = '';
  /** Fields of the line in hand; -1 for a quotation that is not closed. */
  private fields = 0;
  private isQuoted = false;

  private constructor(file: InputFile) {
    this.file = file;
    this.chunks = readText(file, this.count);
  }

  /** Opens the file and reads its header. */
  static async open(file: InputFile, universe: Universe): Promise<CsvCursor> {
    const cursor = new CsvCursor(file);
    try {
      await cursor.readHeader(universe);
    } catch (error) {
      await cursor.close();
      throw error;
    }
    return cursor;
  }

  get bytesRead(): number {
    return this.count.bytes;
  }

  rawOf(row: number): string {
    return decoder.decode(this.buffer.subarray(this.rowStarts[row], this.rowEnds[row])).slice(0, MAX_RAW_CHARACTERS);
  }

  async close(): Promise<void> {
    await this.chunks.return(undefined);
  }

  async load(): Promise<boolean> {
    const { batch } = this;
    batch.clear();
    this.position = 0;
    for (;;) {
      this.scan();
      if (batch.length > 0) return true;
      if (!(await this.refill())) {
        if (this.at === this.end) return false;
        this.row(this.at, this.end);
        this.at = this.end;
        return batch.length > 0;
      }
    }
  }

  private async readHeader(universe: Universe): Promise<void> {
    let lineEnd = -1;
    while (lineEnd < 0 && (await this.refill())) lineEnd = this.buffer.subarray(0, this.end).indexOf(NEWLINE);
    if (lineEnd < 0) lineEnd = this.end;
    const hasMark = this.buffer[0] === 0xef && this.buffer[1] === 0xbb && this.buffer[2] === 0xbf;
    const text = decoder.decode(this.buffer.subarray(hasMark ? 3 : 0, lineEnd)).trim();
    this.layout = readLayout(this.file, text === '' ? [] : text.split(',').map(unquoted));
    this.context = new RowContext(this.file, this.layout, universe);
    this.at = Math.min(lineEnd + 1, this.end);
  }

  /** Moves what is left to the front and appends the next chunk; false when there is none. */
  private async refill(): Promise<boolean> {
    if (!this.hasMore) return false;
    const next = await this.chunks.next();
    if (next.done === true) {
      this.hasMore = false;
      return false;
    }
    const chunk = next.value;
    const left = this.end - this.at;
    if (left > MAX_LINE_BYTES) {
      throw new TickloomError(
        'bad-file',
        `${this.file.path}:${this.line + 1}: a line is longer than ${MAX_LINE_BYTES} bytes; the file was not read further.`,
        { subject: this.file.path },
      );
    }
    if (left + chunk.length > this.buffer.length) {
      const larger = new Uint8Array(left + chunk.length + 65_536);
      larger.set(this.buffer.subarray(this.at, this.end));
      this.buffer = larger;
    } else this.buffer.copyWithin(0, this.at, this.end);
    this.buffer.set(chunk, left);
    this.at = 0;
    this.end = left + chunk.length;
    return true;
  }

  private scan(): void {
    let at = this.at;
    while (!this.batch.isFull) {
      const lineEnd = this.splitLine(at);
      if (lineEnd < 0) break;
      this.row(at, lineEnd);
      at = lineEnd + 1;
    }
    this.at = at;
  }

  /**
   * Notes where the fields of the line at `start` begin and end, in `starts`, `ends` and `fields`; returns where its
   * line end lies, -1 when it is not in the buffer yet. A line with a quotation is left to {@link splitQuoted}.
   */
  private splitLine(start: number): number {
    const { buffer, starts, ends, end } = this;
    this.isQuoted = false;
    let fields = 0;
    let from = start;
    for (let i = start; i < end; i++) {
      const byte = buffer[i] as number;
      // Digits, letters, point and minus, which are nearly everything, are told by one comparison.
      if (byte > COMMA) continue;
      if (byte === COMMA) {
        if (fields < MAX_FIELDS) {
          starts[fields] = from;
          ends[fields] = i;
        }
        fields++;
        from = i + 1;
      } else if (byte === NEWLINE) {
        this.closeLine(fields, from, i);
        return i;
      } else if (byte === QUOTE && i === from) {
        this.isQuoted = true;
        const lineEnd = buffer.indexOf(NEWLINE, i);
        return lineEnd < end ? lineEnd : -1;
      }
    }
    // What the file ends with may lack a line end; load() takes it as a line once nothing follows.
    this.closeLine(fields, from, end);
    return -1;
  }

  private closeLine(fields: number, from: number, lineEnd: number): void {
    if (fields < MAX_FIELDS) {
      this.starts[fields] = from;
      this.ends[fields] = lineEnd > from && this.buffer[lineEnd - 1] === RETURN ? lineEnd - 1 : lineEnd;
    }
    this.fields = fields + 1;
  }

  /** The line [start, lineEnd), split already, to one event, or to a Malformed event that keeps it. */
  private row(start: number, lineEnd: number): void {
    this.line++;
    const end = lineEnd > start && this.buffer[lineEnd - 1] === RETURN ? lineEnd - 1 : lineEnd;
    if (end === start) return;
    const { batch, layout } = this;
    this.rowStarts[batch.length] = start;
    this.rowEnds[batch.length] = end;
    this.bytes = this.buffer;
    if (this.isQuoted) this.fields = this.splitQuoted(start, end);
    if (this.fields !== layout.columnCount) {
      if (this.fields >= 0) this.problem = `it has ${this.fields} fields, the header has ${layout.columnCount}`;
      this.malformed(start, end, 'field-count');
      return;
    }
    const tsEventUs = this.time(layout.ts);
    if (tsEventUs !== tsEventUs) {
      this.problem = `"${this.field(layout.ts)}" is no time (epoch milliseconds or RFC 3339)`;
      this.malformed(start, end, 'bad-time');
      return;
    }
    const reason = this.event(tsEventUs);
    if (reason !== undefined) this.malformed(start, end, reason);
  }

  /** The same for a line with quoted fields, which are copied to where their quotation marks are off. */
  private splitQuoted(start: number, end: number): number {
    const fields = splitQuotedLine(decoder.decode(this.buffer.subarray(start, end)));
    if (typeof fields === 'string') {
      this.problem = fields;
      return -1;
    }
    this.bytes = encoder.encode(fields.join(''));
    let at = 0;
    for (const [i, field] of fields.slice(0, MAX_FIELDS).entries()) {
      this.starts[i] = at;
      at += encoder.encode(field).length;
      this.ends[i] = at;
    }
    return fields.length;
  }

  private field(column: number): string {
    return decoder.decode(this.bytes.subarray(this.starts[column], this.ends[column])).slice(0, 80);
  }

  /** Microseconds of a time field, NaN when it is none. */
  private time(column: number): number {
    const start = this.starts[column] as number;
    const end = this.ends[column] as number;
    const us = parseEpochMillis(this.bytes, start, end);
    return us === us ? us : (parseMicros(this.field(column)) ?? Number.NaN);
  }

  /** The number of a field; NaN where the field is empty or absent. */
  private number(column: number): number {
    return column < 0
      ? Number.NaN
      : parseDecimal(this.bytes, this.starts[column] as number, this.ends[column] as number);
  }

  /** Adds the event of the split line; the reason why not where a field is no number or a name is no symbol. */
  private event(tsEventUs: number): string | undefined {
    const { layout, context, batch, values } = this;
    const { numbers } = layout;
    for (let n = 0; n < numbers.length; n++) {
      values[n] = this.number(numbers[n] as number);
      if (wasNoNumber()) {
        this.problem = `${layout.numberNames[n]} "${this.field(numbers[n] as number)}" is no number`;
        return 'bad-number';
      }
    }
    const symbol = context.symbol >= 0 ? context.symbol : this.symbolOfRow();
    if (symbol < 0) return 'bad-symbol';
    const recvUs = this.receiveTime(tsEventUs);
    if (recvUs !== recvUs) {
      this.problem = `recv "${this.field(layout.recv)}" is no time (epoch milliseconds or RFC 3339)`;
      return 'bad-time';
    }
    const source = layout.source < 0 ? context.source : this.textId(layout.source, context.sources, context.source);
    const row = batch.begin(KIND_OF[layout.kind], symbol, source, tsEventUs, recvUs);
    batch.p0[row] = values[0] as number;
    batch.p1[row] = values[1] as number;
    if (layout.kind !== 'trades') this.moreNumbers(row);
    if (layout.exchange >= 0) batch.exchange[row] = this.textId(layout.exchange, context.exchanges, 0);
    if (layout.conditions >= 0) batch.conditions[row] = this.textId(layout.conditions, context.conditions, 0);
    if (layout.id >= 0) this.putId(row);
    return undefined;
  }

  private moreNumbers(row: number): void {
    const { batch, values } = this;
    batch.p2[row] = values[2] as number;
    batch.p3[row] = values[3] as number;
    if (this.layout.kind === 'quotes') return;
    batch.p4[row] = values[4] as number;
    batch.p5[row] = values[5] as number;
    batch.p6[row] = values[6] as number;
    batch.p7[row] = this.context.timeframeUs;
  }

  /** The row's own receive time, or when it could be known at the earliest; never before the row above. */
  private receiveTime(tsEventUs: number): number {
    const known = this.layout.recv < 0 ? tsEventUs + this.context.timeframeUs : this.time(this.layout.recv);
    if (known > this.recvUs || known !== known) {
      if (known !== known) return known;
      if (this.recvUs === Number.NEGATIVE_INFINITY) this.stampEarlier(known);
      this.recvUs = known;
    }
    return this.recvUs;
  }

  /** Malformed rows above the first good one take its time. */
  private stampEarlier(us: number): void {
    this.batch.tsEventUs.fill(us, 0, this.batch.length);
    this.batch.tsRecvUs.fill(us, 0, this.batch.length);
  }

  private textId(column: number, interner: ByteInterner, whenEmpty: number): number {
    const start = this.starts[column] as number;
    const end = this.ends[column] as number;
    return start === end ? whenEmpty : interner.idOf(this.bytes, start, end);
  }

  private symbolOfRow(): number {
    try {
      return this.textId(this.layout.symbol, this.context.symbols, -1);
    } catch (error) {
      if (!(error instanceof TickloomError) || error.code !== 'bad-symbol') throw error;
      this.problem = error.message;
      return -1;
    }
  }

  private putId(row: number): void {
    const start = this.starts[this.layout.id] as number;
    const end = this.ends[this.layout.id] as number;
    if (start === end) return;
    const isPlain = end - start <= 15 && (this.bytes[start] !== 48 || end - start === 1);
    let value = 0;
    for (let i = start; i < end; i++) {
      const digit = (this.bytes[i] as number) - 48;
      if (!isPlain || digit < 0 || digit > 9) {
        this.batch.setId(row, unguarded(decoder.decode(this.bytes.subarray(start, end))));
        return;
      }
      value = value * 10 + digit;
    }
    this.batch.idNum[row] = value;
  }

  private malformed(start: number, end: number, reason: string): void {
    const { batch, context, file } = this;
    const us = this.recvUs === Number.NEGATIVE_INFINITY ? 0 : this.recvUs;
    const raw = decoder.decode(this.buffer.subarray(start, Math.min(end, start + MAX_RAW_CHARACTERS)));
    const detail = `${file.path}:${this.line}: ${this.problem}`;
    const payload = { type: 'malformed', reason, detail, raw } as const;
    batch.addPayload(EventKind.Malformed, context.symbol, context.source, us, us, payload);
  }
}

const KIND_OF = { trades: EventKind.Trade, quotes: EventKind.Quote, bars: EventKind.SourceBar } as const;
