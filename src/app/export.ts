import { existsSync, statSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseMicros, TickloomError, UsageError } from '../base/index.ts';
import { systemCode } from '../host/index.ts';
import { dataSets, type ExportRequest, exportRows, LakeStore, type RowReader, SqliteStore } from '../stores/index.ts';
import { MergedReader } from './merged-reader.ts';
import type { ActionContext, ExportOptions } from './options.ts';
import { storePath } from './replay-input.ts';
import { type UnsavedRows, unsavedRows } from './unsaved-rows.ts';

/** A store that is open for reading, as far as an export needs to know it. */
type Source = LakeStore | SqliteStore;

type Request = Omit<ExportRequest, 'dataSet'>;

/** Symbols named in a message before it says how many more there are. */
const NAMED_SYMBOLS = 20;

/** Writes what the stores hold of one symbol to a file or to standard output, also while another process fills them. */
export async function runExport(context: ActionContext, options: ExportOptions): Promise<number> {
  const request = readRequest(options);
  await checkTarget(options.out);
  const { data_dir: directory } = context.config;
  const stores = await openStores(directory);
  try {
    const held = await findRows(context, stores, request);
    const dataSet = dataSets(held.featureNames)[request.kind];
    const { rows } = await exportRows(held.reader, { ...request, dataSet }, context.stdout).catch((error: unknown) => {
      throw outputError(error, options.out);
    });
    report(context, options, request, rows);
    return 0;
  } finally {
    for (const store of stores) await store.close();
  }
}

function readRequest(options: ExportOptions): Request {
  const { kind, symbol, format, out, ts, columns, timeframe } = options;
  if (kind === 'trades' && timeframe !== undefined) {
    throw new UsageError('--timeframe: trades have none; it goes with bars, features and quotes.', {
      subject: 'timeframe',
    });
  }
  const fromUs = options.from === undefined ? undefined : parseMicros(options.from);
  const toUs = options.to === undefined ? undefined : parseMicros(options.to);
  if (fromUs !== undefined && toUs !== undefined && fromUs > toUs) {
    throw new UsageError(`--from ${options.from} lies after --to ${options.to}.`, { subject: 'from' });
  }
  const length = timeframe ?? (kind === 'bars' || kind === 'features' ? '1m' : undefined);
  return {
    kind,
    symbol,
    format,
    out,
    times: ts,
    columns,
    ...(length === undefined ? {} : { timeframe: length }),
    ...(fromUs === undefined ? {} : { fromUs }),
    ...(toUs === undefined ? {} : { toUs }),
  };
}

/** @throws TickloomError when a file can not be made there: before anything is read. */
async function checkTarget(out: string): Promise<void> {
  if (out === '-') return;
  const refuse = (why: string): never => {
    throw new TickloomError('storage', `${out} can not be written: ${why}.`, { subject: 'out' });
  };
  const folder = dirname(out);
  if (!existsSync(folder)) refuse(`the folder ${folder} does not exist`);
  if (!statSync(folder).isDirectory()) refuse(`${folder} is no folder`);
  if (existsSync(out) && !statSync(out).isFile()) refuse('it is there and no regular file (use - for standard output)');
  await access(folder, constants.W_OK).catch(() => refuse(`no permission to write in ${folder}`));
}

/** The stores of a data directory, those that serve a kind best first. */
async function openStores(directory: string): Promise<readonly Source[]> {
  const stores: Source[] = [];
  if (existsSync(storePath(directory))) stores.push(SqliteStore.openForReading(storePath(directory)));
  if (existsSync(join(directory, 'lake-meta'))) {
    const lake = await LakeStore.openForReading(directory);
    const columns = lake.state().manifests.findLast((manifest) => manifest.schema === 'features/1')?.columns ?? [];
    await lake.close();
    const names = columns.filter((name) => !FEATURE_HEAD.has(name));
    stores.push(await LakeStore.openForReading(directory, names));
  }
  return stores;
}

const FEATURE_HEAD = new Set(dataSets([]).features.columns.map((column) => column.name));

interface Held {
  readonly reader: RowReader;
  readonly featureNames: readonly string[];
}

/**
 * Where the rows for a request are: in a store, on the tape only (a run goes on, or was killed), or both.
 * @throws TickloomError `not-held` saying what there is instead
 */
async function findRows(context: ActionContext, stores: readonly Source[], request: Request): Promise<Held> {
  const { kind, symbol } = request;
  const timeframe = kind === 'quotes' ? undefined : request.timeframe;
  const able = stores.filter(({ kinds }) => kinds.has(kind));
  const coveredSeq = able.length === 0 ? 0 : Math.min(...able.map((store) => store.coveredSeq));
  const unsaved = await unsavedRows(context.config, symbol, coveredSeq, (sentence) =>
    context.stderr.write(`note: ${sentence}\n`),
  );
  const others = new Set<string>();
  for (const store of able) {
    const symbols = await store.symbols(kind, timeframe);
    if (symbols.includes(symbol)) return withUnsaved(store, unsaved);
    for (const name of symbols) others.add(name);
  }
  const range = { symbols: [symbol], limit: 1, ...(timeframe === undefined ? {} : { timeframe }) };
  if (unsaved !== undefined && (await unsaved.store.read(kind, range)).rows.length > 0) {
    return { reader: unsaved.store, featureNames: unsaved.featureNames };
  }
  const what = timeframe === undefined ? kind : `${timeframe} ${kind}`;
  const { data_dir: directory } = context.config;
  throw new TickloomError('not-held', `${directory} holds no ${what} of ${symbol}${alternatives([...others], what)}.`, {
    subject: symbol,
  });
}

function withUnsaved(store: Source, unsaved: UnsavedRows | undefined): Held {
  const featureNames = store instanceof LakeStore ? store.featureNames : [];
  if (unsaved === undefined) return { reader: store, featureNames };
  return { reader: new MergedReader(store, unsaved.store, store.coveredSeq), featureNames };
}

function alternatives(symbols: readonly string[], what: string): string {
  if (symbols.length === 0) return ', nor of any other symbol';
  const names = symbols.toSorted();
  const more = names.length > NAMED_SYMBOLS ? ` and ${names.length - NAMED_SYMBOLS} more` : '';
  return `; it holds ${what} of ${names.slice(0, NAMED_SYMBOLS).join(', ')}${more}`;
}

/** Failures of the disk while writing become sentences; everything else stays what it is. */
function outputError(error: unknown, out: string): unknown {
  const code = systemCode(error);
  if (error instanceof TickloomError || code === undefined || code === 'EPIPE') return error;
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
    EACCES: 'no permission',
    EISDIR: 'it is a folder',
  };
  return new TickloomError('storage', `${out} can not be written: ${reasons[code] ?? code}.`, {
    subject: 'out',
    cause: error,
  });
}

function report(
  context: ActionContext,
  options: ExportOptions,
  { kind, symbol, timeframe, format }: Request,
  rows: number,
): void {
  const what = timeframe === undefined ? kind : `${timeframe} ${kind}`;
  const sentence = `${rows} ${what} of ${symbol} written to ${options.out}\n`;
  if (options.out === '-') {
    if (rows === 0) context.stderr.write(`note: ${symbol} has no ${what} in that range\n`);
  } else if (options.json) {
    context.stdout.write(`${JSON.stringify({ symbol, kind, timeframe, format, out: options.out, rows })}\n`);
  } else context.stdout.write(sentence);
}
