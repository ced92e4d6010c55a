import { existsSync, statSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseMicros, TickloomError, UsageError } from '../base/index.ts';
import { systemCode } from '../host/index.ts';
import { Universe } from '../model/index.ts';
import { readTape, tapeDirectory } from '../recorder/index.ts';
import { dataSets, type ExportKind, type ExportRequest, exportRows, LakeStore, SqliteStore } from '../stores/index.ts';
import type { ActionContext, ExportOptions } from './options.ts';
import { storePath } from './replay-input.ts';

/** A store that is open for reading, as far as an export needs to know it. */
type Source = LakeStore | SqliteStore;

/** Symbols named in a message before it says how many more there are. */
const NAMED_SYMBOLS = 20;

/** Writes what the stores hold of one symbol to a file or to standard output, also while another process fills them. */
export async function runExport(context: ActionContext, options: ExportOptions): Promise<number> {
  const request = readRequest(options);
  await checkTarget(options.out);
  const { data_dir: directory } = context.config;
  const stores = await openStores(directory);
  try {
    const store = await holderOf(stores, request, directory);
    const { rows } = await exportRows(store, withColumnsOf(store, request), context.stdout).catch((error: unknown) => {
      throw outputError(error, options.out);
    });
    await tellWhatIsMissing(context, stores, directory);
    report(context, options, request, rows);
    return 0;
  } finally {
    for (const store of stores) await store.close();
  }
}

function readRequest(options: ExportOptions): Omit<ExportRequest, 'dataSet'> {
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

/** The store that has rows for the request. @throws TickloomError `not-held` saying what there is instead. */
async function holderOf(
  stores: readonly Source[],
  { kind, symbol, timeframe }: Omit<ExportRequest, 'dataSet'>,
  directory: string,
): Promise<Source> {
  const held = new Set<string>();
  const length = kind === 'quotes' ? undefined : timeframe;
  for (const store of stores.filter(({ kinds }) => kinds.has(kind))) {
    const symbols = await store.symbols(kind, length);
    if (symbols.includes(symbol)) return store;
    for (const name of symbols) held.add(name);
  }
  const what = length === undefined ? kind : `${length} ${kind}`;
  throw new TickloomError('not-held', `${directory} holds no ${what} of ${symbol}${alternatives([...held], what)}.`, {
    subject: symbol,
  });
}

function alternatives(symbols: readonly string[], what: string): string {
  if (symbols.length === 0) return ', nor of any other symbol';
  const names = symbols.toSorted();
  const more = names.length > NAMED_SYMBOLS ? ` and ${names.length - NAMED_SYMBOLS} more` : '';
  return `; it holds ${what} of ${names.slice(0, NAMED_SYMBOLS).join(', ')}${more}`;
}

function withColumnsOf(store: Source, request: Omit<ExportRequest, 'dataSet'>): ExportRequest {
  const names = store instanceof LakeStore ? store.featureNames : [];
  return { ...request, dataSet: dataSets(names)[request.kind satisfies ExportKind] };
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

/** A run that goes on, or was killed, has events on the tape that the stores do not hold yet. */
async function tellWhatIsMissing(context: ActionContext, stores: readonly Source[], directory: string): Promise<void> {
  const lake = stores.find((store) => store instanceof LakeStore);
  if (lake === undefined || lake.coveredSeq === 0 || !existsSync(tapeDirectory(directory))) return;
  let waiting = 0;
  const options = {
    dataDir: directory,
    universe: new Universe(),
    fromSeq: lake.coveredSeq + 1,
    onHole: () => undefined,
  };
  for await (const batch of readTape(options)) waiting += batch.length;
  if (waiting === 0) return;
  context.stderr.write(
    `note: ${waiting} events of the tape are not in the stores yet; a running tickloom adds them every few seconds, a stopped one at its next start\n`,
  );
}

function report(
  context: ActionContext,
  options: ExportOptions,
  { kind, symbol, timeframe, format }: Omit<ExportRequest, 'dataSet'>,
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
