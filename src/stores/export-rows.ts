import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Micros, UsageError } from '../base/index.ts';
import { systemCode } from '../host/index.ts';
import { parseTimeframe } from '../model/index.ts';
import { Reason } from '../quality/index.ts';
import { type Cell, ColumnBatch } from './column-batch.ts';
import { csvCell, csvLine, type TimeStyle } from './csv-format.ts';
import type { DataSet } from './data-sets.ts';
import { type ExportColumn, type ExportKind, exportColumns } from './export-columns.ts';
import { ParquetWriter } from './parquet-writer.ts';
import { MAX_PAGE_ROWS, type RangeQuery, type Store, type TradeRow } from './store.ts';
import { TradeAmendments } from './trade-amendments.ts';
import { inTradeOrder } from './trade-order.ts';

export interface ExportRequest {
  readonly kind: ExportKind;
  readonly dataSet: DataSet;
  readonly symbol: string;
  /** The timeframe of bars and features; for quotes it asks for the last quote of each interval. */
  readonly timeframe?: string;
  readonly format: 'csv' | 'parquet';
  /** A path (`.gz` behind a CSV name compresses), or `-` for `stdout`. */
  readonly out: string;
  readonly fromUs?: Micros;
  readonly toUs?: Micros;
  readonly times: TimeStyle;
  readonly columns: 'default' | 'all';
}

/** The reading side of a store. */
export type RowReader = Pick<Store, 'read'>;

type Row = Readonly<Record<string, Cell>>;

/**
 * Writes the rows of one symbol to a file, which appears under its name only when it is whole, or to `stdout`.
 * Cancelled trades are left out, corrected ones shown as corrected. Returns the number of rows.
 * @throws UsageError for an impossible combination; the system's error when the file can not be written.
 */
export async function exportRows(
  store: RowReader,
  request: ExportRequest,
  stdout: NodeJS.WritableStream,
): Promise<{ readonly rows: number }> {
  const amendments = new TradeAmendments();
  const hasIds = request.kind === 'trades' && (await scanTrades(store, request, amendments));
  const columns = exportColumns(request.dataSet, request.columns, hasIds);
  const counter = { rows: 0 };
  const rows = counted(chosenRows(store, request, amendments), counter);
  const bytes =
    request.format === 'csv' ? csvBytes(rows, columns, request.times) : parquetBytes(rows, columns, request);
  if (request.out === '-') await pipeline(Readable.from(bytes), stdout, { end: false });
  else await writeWhole(bytes, request.out, request.format === 'csv' && request.out.endsWith('.gz'));
  return counter;
}

/** One pass over the trades for what must be known before the first row is written; tells whether any has an id. */
async function scanTrades(store: RowReader, request: ExportRequest, amendments: TradeAmendments): Promise<boolean> {
  let hasIds = false;
  // An amendment may come after the range's end; its own time is that of the report.
  for await (const row of pages(store, { ...request, toUs: Number.POSITIVE_INFINITY })) {
    const trade = row as unknown as TradeRow;
    amendments.note(trade);
    if (trade.id !== undefined) hasIds = true;
  }
  return hasIds;
}

async function* pages(store: RowReader, request: ExportRequest): AsyncGenerator<Row> {
  let cursor: string | undefined;
  do {
    const query: RangeQuery = {
      symbols: [request.symbol],
      limit: MAX_PAGE_ROWS,
      ...(request.kind === 'quotes' || request.timeframe === undefined ? {} : { timeframe: request.timeframe }),
      ...(request.fromUs === undefined ? {} : { fromUs: request.fromUs }),
      ...(request.toUs === undefined ? {} : { toUs: request.toUs }),
      ...(cursor === undefined ? {} : { cursor }),
    };
    const page = await store.read(request.kind, query);
    yield* page.rows as readonly unknown[] as readonly Row[];
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}

async function* chosenRows(store: RowReader, request: ExportRequest, amendments: TradeAmendments): AsyncGenerator<Row> {
  const rows = pages(store, request);
  if (request.kind === 'quotes' && request.timeframe !== undefined) yield* lastOfEach(rows, request.timeframe);
  else if (request.kind === 'trades') {
    for await (const row of inTradeOrder(rows)) {
      const standing = amendments.standing(row as unknown as TradeRow);
      if (standing !== undefined) yield standing as unknown as Row;
    }
  } else yield* rows;
}

/**
 * The last row of each interval, stamped with the interval's start as a bar is. Quotes that their source marks as
 * suspicious stand in the full export only: vendors leave them out of their bars of bid and ask too.
 */
async function* lastOfEach(rows: AsyncIterable<Row>, timeframeText: string): AsyncGenerator<Row> {
  const timeframe = parseTimeframe(timeframeText);
  if (!timeframe.isIntraday) {
    throw new UsageError(`Quotes can be thinned to seconds, minutes or hours, not to ${timeframeText}.`, {
      subject: 'timeframe',
    });
  }
  let held: Row | undefined;
  let heldUs = Number.NaN;
  for await (const row of rows) {
    if ((((row['reasons'] as number | undefined) ?? 0) & Reason.Suspicious) !== 0) continue;
    const startUs = Math.floor((row['ts'] as number) / timeframe.lengthUs) * timeframe.lengthUs;
    if (held !== undefined && startUs !== heldUs) yield { ...held, ts: heldUs };
    held = row;
    heldUs = startUs;
  }
  if (held !== undefined) yield { ...held, ts: heldUs };
}

async function* counted(rows: AsyncIterable<Row>, counter: { rows: number }): AsyncGenerator<Row> {
  for await (const row of rows) {
    counter.rows++;
    yield row;
  }
}

const LINES_PER_CHUNK = 1_000;

async function* csvBytes(
  rows: AsyncIterable<Row>,
  columns: readonly ExportColumn[],
  times: TimeStyle,
): AsyncGenerator<Buffer> {
  let text = csvLine(columns.map((column) => column.header));
  let lines = 0;
  for await (const row of rows) {
    text += csvLine(columns.map(({ spec }) => csvCell(row[spec.name], spec.type, times)));
    if (++lines % LINES_PER_CHUNK !== 0) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

const PARQUET_CHUNK_ROWS = 100_000;

async function* parquetBytes(
  rows: AsyncIterable<Row>,
  columns: readonly ExportColumn[],
  request: ExportRequest,
): AsyncGenerator<Buffer> {
  const dataSet: DataSet = {
    ...request.dataSet,
    columns: columns.map(({ header, spec }) => ({ ...spec, name: header })),
    time: 'ts',
  };
  let ready: Buffer[] = [];
  const metadata = { tickloom_export: request.kind, symbol: request.symbol };
  const writer = new ParquetWriter(dataSet, async (bytes) => void ready.push(Buffer.from(bytes)), { metadata });
  let batch = new ColumnBatch(dataSet);
  const flush = async (): Promise<void> => {
    await writer.append(
      batch,
      Uint32Array.from({ length: batch.length }, (_, i) => i),
    );
    batch = new ColumnBatch(dataSet);
  };
  for await (const row of rows) {
    const at = batch.begin();
    columns.forEach(({ spec }, k) => {
      batch.setCell(at, k, row[spec.name]);
    });
    if (batch.length < PARQUET_CHUNK_ROWS) continue;
    await flush();
    yield* ready;
    ready = [];
  }
  await flush();
  await writer.finish();
  yield* ready;
}

/** Writes a temporary file beside the target, synced, and gives it its name when all of it is there. */
async function writeWhole(bytes: AsyncIterable<Buffer>, path: string, isGzip: boolean): Promise<void> {
  const temporary = `${path}.part`;
  try {
    const file = createWriteStream(temporary, { flush: true });
    if (isGzip) await pipeline(Readable.from(bytes), createGzip(), file);
    else await pipeline(Readable.from(bytes), file);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (systemCode(error) === 'ENOENT') {
      throw new UsageError(`${path} can not be written: its folder does not exist.`, { subject: 'out', cause: error });
    }
    throw error;
  }
}
