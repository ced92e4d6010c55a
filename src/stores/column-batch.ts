import { invariant } from '../base/index.ts';
import { type ColumnSpec, columnIndex, type DataSet } from './data-sets.ts';

/** One cell: text, number, or missing. */
export type Cell = string | number | undefined;

/** A batch's plain parts, as they travel between threads. */
export interface ColumnBatchParts {
  readonly dataSet: DataSet;
  readonly timeframe: string | undefined;
  readonly length: number;
  readonly columns: readonly (Float64Array | Int32Array)[];
  readonly texts: readonly (readonly string[])[];
  readonly idTexts: readonly (readonly [number, string])[];
}

/**
 * Rows of one data set (and timeframe) as columns that grow by doubling. Numbers are doubles, NaN where missing; texts
 * are indices into a table per column whose entry 0 is the empty text ("missing"). The columns are shared memory, so that
 * another thread gets a full batch without a copy on the thread that filled it, which still has it if that thread fails.
 */
export class ColumnBatch {
  readonly dataSet: DataSet;
  readonly timeframe: string | undefined;
  length = 0;
  private capacity: number;
  /** Float64Array for numbers, Int32Array of text indices for texts; in the order of the data set's columns. */
  readonly columns: (Float64Array | Int32Array)[];
  /** Texts of each text column; empty for number columns. */
  readonly texts: string[][];
  private readonly textIds: (Map<string, number> | undefined)[];
  /** Row to text of ids that are no numbers. */
  readonly idTexts = new Map<number, string>();
  private readonly revisionColumn: number;

  constructor(dataSet: DataSet, timeframe?: string, capacity = 256) {
    this.dataSet = dataSet;
    this.timeframe = timeframe;
    this.capacity = capacity;
    this.revisionColumn = columnIndex(dataSet, 'revision');
    this.columns = sharedColumns(dataSet, capacity);
    this.texts = dataSet.columns.map((spec) => (spec.type === 'text' ? [''] : []));
    this.textIds = dataSet.columns.map((spec) => (spec.type === 'text' ? new Map([['', 0]]) : undefined));
  }

  /** Opens the next row; every cell is then to be set by the caller. */
  begin(): number {
    if (this.length === this.capacity) this.grow();
    return this.length++;
  }

  private grow(capacity = this.capacity * 2): void {
    this.capacity = capacity;
    const grown = sharedColumns(this.dataSet, capacity);
    for (let k = 0; k < grown.length; k++) {
      const next = grown[k] as Float64Array | Int32Array;
      next.set(this.columns[k] as Float64Array | Int32Array);
      this.columns[k] = next;
    }
  }

  /** Index of `text` in the table of a text column, added when new. */
  internText(column: number, text: string): number {
    const ids = this.textIds[column];
    invariant(ids !== undefined, `column ${column} of ${this.dataSet.kind} holds text`);
    const known = ids.get(text);
    if (known !== undefined) return known;
    const table = this.texts[column] as string[];
    ids.set(text, table.length);
    table.push(text);
    return table.length - 1;
  }

  setCell(row: number, column: number, value: Cell): void {
    const spec = this.dataSet.columns[column] as ColumnSpec;
    const target = this.columns[column] as Float64Array | Int32Array;
    if (spec.type === 'text') target[row] = this.internText(column, value === undefined ? '' : String(value));
    else if (spec.type === 'id') this.setId(row, column, value);
    else target[row] = value === undefined ? Number.NaN : Number(value);
  }

  private setId(row: number, column: number, value: Cell): void {
    const target = this.columns[column] as Float64Array;
    target[row] = Number.NaN;
    if (value === undefined || value === '') return;
    const number = Number(value);
    if (Number.isSafeInteger(number) && number >= 0 && String(number) === String(value)) target[row] = number;
    else this.idTexts.set(row, String(value));
  }

  cell(row: number, column: number): Cell {
    const spec = this.dataSet.columns[column] as ColumnSpec;
    const value = (this.columns[column] as Float64Array | Int32Array)[row] as number;
    if (spec.type === 'text') return value === 0 ? undefined : this.texts[column]?.[value];
    if (value === value) return spec.type === 'id' ? String(value) : value;
    return spec.type === 'id' ? this.idTexts.get(row) : undefined;
  }

  /** Appends a row given by column names; cells that are not named are missing. */
  add(cells: Readonly<Record<string, Cell>>): number {
    const row = this.begin();
    for (let k = 0; k < this.columns.length; k++) {
      this.setCell(row, k, cells[(this.dataSet.columns[k] as ColumnSpec).name]);
    }
    return row;
  }

  /** Appends a removal: stores take the row of this symbol and start out (all trades of a bar were cancelled). */
  addRemoval(symbol: string, startUs: number): void {
    this.add({ symbol, start: startUs });
  }

  /** Whether a row is a removal: a keyed row without a revision. */
  isRemoval(row: number): boolean {
    const revisions = this.columns[this.revisionColumn];
    if (revisions === undefined) return false;
    return Number.isNaN(revisions[row]);
  }

  /** Appends a copy of a row of another batch of the same data set. */
  copyRow(from: ColumnBatch, row: number): number {
    const to = this.begin();
    for (let k = 0; k < this.columns.length; k++) this.setCell(to, k, from.cell(row, k));
    return to;
  }

  /** Appends all rows of another batch of the same data set, column by column. */
  append(from: ColumnBatch): void {
    const base = this.length;
    if (this.capacity < base + from.length) this.grow(Math.max(this.capacity * 2, base + from.length));
    this.length = base + from.length;
    for (let k = 0; k < this.columns.length; k++) {
      const source = (from.columns[k] as Float64Array).subarray(0, from.length);
      const target = this.columns[k] as Float64Array;
      if (this.textIds[k] === undefined) {
        target.set(source, base);
        continue;
      }
      const map = Int32Array.from((from.texts[k] ?? []).map((text) => this.internText(k, text)));
      for (let i = 0; i < source.length; i++) target[base + i] = map[source[i] as number] as number;
    }
    for (const [row, text] of from.idTexts) this.idTexts.set(base + row, text);
  }

  /** A batch of its own with the same rows, and room for `capacity` of them. */
  copy(capacity = this.length): ColumnBatch {
    const copy = new ColumnBatch(this.dataSet, this.timeframe, Math.max(1, capacity));
    copy.append(this);
    return copy;
  }

  /** One row as an object that names its present cells, with `timeframe` where the data set has one. */
  row(index: number): Record<string, string | number> {
    const out: Record<string, string | number> = {};
    for (let k = 0; k < this.columns.length; k++) {
      const value = this.cell(index, k);
      if (value !== undefined) out[(this.dataSet.columns[k] as ColumnSpec).name] = value;
    }
    if (this.timeframe !== undefined) out['timeframe'] = this.timeframe;
    return out;
  }

  /** The numbers of a column by name, cut to the batch's length. */
  numbers(name: string): Float64Array | Int32Array {
    const column = this.columns[columnIndex(this.dataSet, name)];
    invariant(column !== undefined, `${this.dataSet.kind} has a column ${name}`);
    return column.subarray(0, this.length);
  }

  toParts(): ColumnBatchParts {
    return {
      dataSet: this.dataSet,
      timeframe: this.timeframe,
      length: this.length,
      columns: this.columns,
      texts: this.texts,
      idTexts: [...this.idTexts],
    };
  }

  /** Takes over the arrays of `parts`. The batch can be read and appended to. */
  static fromParts(parts: ColumnBatchParts): ColumnBatch {
    const batch = new ColumnBatch(parts.dataSet, parts.timeframe, 1);
    batch.length = parts.length;
    batch.capacity = parts.columns[0]?.length ?? 0;
    for (let k = 0; k < parts.columns.length; k++) {
      batch.columns[k] = parts.columns[k] as Float64Array | Int32Array;
      const texts = parts.texts[k] ?? [];
      if (texts.length === 0) continue;
      batch.texts[k] = [...texts];
      batch.textIds[k] = new Map(texts.map((text, id) => [text, id]));
    }
    for (const [row, text] of parts.idTexts) batch.idTexts.set(row, text);
    return batch;
  }
}

/**
 * The columns of a data set in one piece of shared memory: a piece each would cost more to make and to hand to another
 * thread than a small batch is worth. Doubles lie first, which keeps every column aligned.
 */
function sharedColumns(dataSet: DataSet, rows: number): (Float64Array | Int32Array)[] {
  const specs = dataSet.columns;
  const texts = specs.filter((spec) => spec.type === 'text').length;
  const memory = new SharedArrayBuffer(rows * (8 * (specs.length - texts) + 4 * texts));
  let doublesAt = 0;
  let textsAt = rows * 8 * (specs.length - texts);
  return specs.map((spec) => {
    if (spec.type === 'text') {
      const column = new Int32Array(memory, textsAt, rows);
      textsAt += rows * Int32Array.BYTES_PER_ELEMENT;
      return column;
    }
    const column = new Float64Array(memory, doublesAt, rows);
    doublesAt += rows * Float64Array.BYTES_PER_ELEMENT;
    return column;
  });
}
