import type { ColumnBatch } from './column-batch.ts';
import type { ColumnSpec, DataSet } from './data-sets.ts';
import { type ColumnChunk, ParquetColumnEncoder, PHYSICAL } from './parquet-column.ts';
import { ByteSink } from './parquet-encoding.ts';
import { ThriftWriter } from './thrift-writer.ts';

export interface ParquetOptions {
  /** Rows of a row group: 10,000 suits reads of small ranges. */
  readonly rowGroupRows?: number;
  /** ZSTD level, 1 (fast) to 19. */
  readonly level?: number;
  /** Of {@link columnEncoders}, for many files one after the other; they bring their own level. */
  readonly encoders?: readonly ParquetColumnEncoder[];
  /** Key-value metadata of the footer. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export const ROW_GROUP_ROWS = 10_000;
/** Bytes gathered before they are written: a small file is one write. */
const WRITE_BYTES = 1 << 16;
const MAGIC = Uint8Array.of(0x50, 0x41, 0x52, 0x31);
const CODEC_ZSTD = 6;
const REQUIRED = 0;
const OPTIONAL = 1;
const CONVERTED_UTF8 = 0;
const CONVERTED_TIMESTAMP_MICROS = 10;

interface WrittenChunk {
  readonly spec: ColumnSpec;
  readonly chunk: Omit<ColumnChunk, 'bytes'>;
  readonly offset: number;
  readonly size: number;
}

interface WrittenGroup {
  readonly rows: number;
  readonly chunks: readonly WrittenChunk[];
}

/**
 * Writes a Parquet file (ZSTD; times as TIMESTAMP(us, UTC)), one row group at a time to `write`, whose bytes are valid
 * during the call only. Our own writer rather than DuckDB's COPY because the encodings per column decide the size,
 * every file operation goes through the injectable port, and the writing process needs no DuckDB; DuckDB and hyparquet
 * read the files in the tests.
 */
export class ParquetWriter {
  private readonly dataSet: DataSet;
  private readonly write: (bytes: Uint8Array) => Promise<void>;
  private readonly metadata: Readonly<Record<string, string>>;
  private readonly groupRows: number;
  private readonly encoders: readonly ParquetColumnEncoder[];
  private readonly groups: WrittenGroup[] = [];
  private readonly out = new ByteSink(1 << 14);
  private flushed = 0;
  private rows = 0;

  constructor(dataSet: DataSet, write: (bytes: Uint8Array) => Promise<void>, options: ParquetOptions = {}) {
    this.dataSet = dataSet;
    this.write = write;
    this.metadata = options.metadata ?? {};
    this.groupRows = options.rowGroupRows ?? ROW_GROUP_ROWS;
    this.encoders = options.encoders ?? columnEncoders(dataSet, options.level ?? 3);
    this.out.append(MAGIC);
  }

  /** Appends the rows `order` of a batch. The last row group of a call may be short. */
  async append(batch: ColumnBatch, order: Uint32Array): Promise<void> {
    for (let from = 0; from < order.length; from += this.groupRows) {
      const to = Math.min(order.length, from + this.groupRows);
      const chunks: WrittenChunk[] = [];
      for (let k = 0; k < this.encoders.length; k++) {
        const { bytes, ...chunk } = (this.encoders[k] as ParquetColumnEncoder).encode(batch, order, from, to);
        const spec = this.dataSet.columns[k] as ColumnSpec;
        chunks.push({ spec, chunk, offset: this.flushed + this.out.length, size: bytes.length });
        this.out.append(bytes);
      }
      this.groups.push({ rows: to - from, chunks });
      if (this.out.length >= WRITE_BYTES) await this.flush();
    }
    this.rows += order.length;
  }

  /** Writes the footer. */
  async finish(): Promise<void> {
    const footer = encodeFooter(this.dataSet, this.rows, this.groups, this.metadata);
    this.out.append(footer);
    this.out.u32(footer.length);
    this.out.append(MAGIC);
    await this.flush();
  }

  private async flush(): Promise<void> {
    await this.write(this.out.view());
    this.flushed += this.out.length;
    this.out.length = 0;
  }
}

/** Encoders of a data set's columns, which hold buffers that files written one after the other can share. */
export function columnEncoders(dataSet: DataSet, level: number): readonly ParquetColumnEncoder[] {
  return dataSet.columns.map((spec, index) => new ParquetColumnEncoder(spec, index, level));
}

/** Writes the rows `order` of one batch as a whole Parquet file. */
export async function writeParquet(
  batch: ColumnBatch,
  order: Uint32Array,
  write: (bytes: Uint8Array) => Promise<void>,
  options: ParquetOptions = {},
): Promise<void> {
  const writer = new ParquetWriter(batch.dataSet, write, options);
  await writer.append(batch, order);
  await writer.finish();
}

function encodeFooter(
  dataSet: DataSet,
  rows: number,
  groups: readonly WrittenGroup[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const w = new ThriftWriter();
  w.i32(1, 2);
  w.structs<ColumnSpec | undefined>(2, [undefined, ...dataSet.columns], (spec) => {
    if (spec === undefined) {
      w.text(4, 'schema');
      w.i32(5, dataSet.columns.length);
    } else encodeSchemaElement(w, spec);
  });
  w.i64(3, rows);
  w.structs(4, groups, (group) => encodeRowGroup(w, group));
  w.structs(5, Object.entries(metadata), ([key, value]) => {
    w.text(1, key);
    w.text(2, value);
  });
  w.text(6, 'tickloom parquet writer version 1 (build 1)');
  w.structs(7, dataSet.columns, () => w.struct(1, () => undefined));
  return w.finish();
}

function encodeSchemaElement(w: ThriftWriter, spec: ColumnSpec): void {
  w.i32(1, physicalType(spec));
  w.i32(3, spec.isOptional ? OPTIONAL : REQUIRED);
  w.text(4, spec.name);
  if (spec.type === 'text' || spec.type === 'id') {
    w.i32(6, CONVERTED_UTF8);
    w.struct(10, () => w.struct(1, () => undefined));
  } else if (spec.type === 'time') {
    w.i32(6, CONVERTED_TIMESTAMP_MICROS);
    w.struct(10, () =>
      w.struct(8, () => {
        w.bool(1, true);
        w.struct(2, () => w.struct(2, () => undefined));
      }),
    );
  }
}

function physicalType(spec: ColumnSpec): number {
  switch (spec.type) {
    case 'text':
    case 'id':
      return PHYSICAL.bytes;
    case 'double':
      return PHYSICAL.double;
    case 'int32':
      return PHYSICAL.int32;
    default:
      return PHYSICAL.int64;
  }
}

function encodeRowGroup(w: ThriftWriter, group: WrittenGroup): void {
  w.structs(1, group.chunks, (written) => {
    w.i64(2, written.offset);
    w.struct(3, () => encodeColumnMetadata(w, written));
  });
  w.i64(
    2,
    group.chunks.reduce((sum, written) => sum + written.chunk.uncompressedBytes, 0),
  );
  w.i64(3, group.rows);
}

function encodeColumnMetadata(w: ThriftWriter, { spec, chunk, offset, size }: WrittenChunk): void {
  w.i32(1, physicalType(spec));
  w.i32s(2, [...new Set(chunk.encodings)]);
  w.texts(3, [spec.name]);
  w.i32(4, CODEC_ZSTD);
  w.i64(5, chunk.values);
  w.i64(6, chunk.uncompressedBytes);
  w.i64(7, size);
  w.i64(9, offset + chunk.dataPageOffset);
  if (chunk.hasDictionary) w.i64(11, offset);
  w.struct(12, () => {
    w.i64(3, chunk.nulls);
    if (chunk.max !== undefined) w.binary(5, chunk.max);
    if (chunk.min !== undefined) w.binary(6, chunk.min);
  });
}
