import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TickloomError, UsageError } from '../base/index.ts';
import { systemCode } from '../host/index.ts';
import { type Instrument, isSymbol, normaliseSymbol, parseTimeframe } from '../model/index.ts';

export const INPUT_KINDS = ['trades', 'quotes', 'bars'] as const;
export type InputKind = (typeof INPUT_KINDS)[number];

/** What flags say about the input, over what its path says. */
export interface InputHints {
  readonly symbol?: string;
  readonly kind?: string;
  readonly timeframe?: string;
}

/** One file to read and what is known about it before it is opened. */
export interface InputFile {
  readonly path: string;
  readonly format: 'csv' | 'csv.gz' | 'parquet';
  readonly bytes: number;
  /** Absent where the rows name their symbol, or the header must tell. */
  readonly symbol: string | undefined;
  readonly kind: InputKind | undefined;
  /** Canonical timeframe of bars. */
  readonly timeframe: string | undefined;
  readonly venue: string | undefined;
  /** What the venue says about the instrument. */
  readonly instrument: Partial<Omit<Instrument, 'symbol'>>;
}

const FORMATS = ['.csv.gz', '.csv', '.parquet'] as const;
const FOLDER_TIMEFRAMES: Readonly<Record<string, string>> = { second: '1s', minute: '1m', hour: '1h', daily: '1d' };
const FOREX = { assetClass: 'forex', calendar: 'forex', barBasis: 'mid' } as const;
const CRYPTO = { assetClass: 'crypto', calendar: 'crypto', barBasis: 'trades' } as const;
/** Futures trade nearly round the clock; without a calendar of their own in the configuration nothing is cut off. */
const FUTURE = { assetClass: 'future', calendar: 'always', barBasis: 'trades' } as const;
const VENUES: Readonly<Record<string, Partial<Omit<Instrument, 'symbol'>>>> = {
  oanda: FOREX,
  fxcm: FOREX,
  binance: CRYPTO,
  'binance-us': CRYPTO,
  'binance-usdm': CRYPTO,
  'binance-coinm': CRYPTO,
  coinbase: CRYPTO,
  bybit: CRYPTO,
  bitstamp: CRYPTO,
  bitfinex: CRYPTO,
  kraken: CRYPTO,
  okx: CRYPTO,
  deribit: CRYPTO,
  hyperliquid: CRYPTO,
  mtgox: CRYPTO,
  cme: FUTURE,
  comex: FUTURE,
  index: { assetClass: 'index', barBasis: 'trades' },
  nse: { assetClass: 'equity', calendar: 'always', currency: 'INR', barBasis: 'trades' },
};

/**
 * The input files under `paths`: files as given, directories walked in sorted order. Files that are no input (`.json`,
 * `.md`, …) are passed over inside directories only.
 * @throws UsageError when a path does not exist, is no input, or holds none.
 */
export async function findInputFiles(paths: readonly string[], hints: InputHints = {}): Promise<readonly InputFile[]> {
  const files: InputFile[] = [];
  for (const path of paths) {
    const found = await walk(path, true);
    if (found.length === 0) throw new UsageError(`${path} holds no .csv, .csv.gz or .parquet file.`, { subject: path });
    for (const { path: file, bytes } of found) files.push(describeFile(file, bytes, hints));
  }
  return files;
}

/** Links are followed where they are named, not inside folders: they may lead in circles or out of the folder. */
async function walk(path: string, isNamed: boolean): Promise<{ path: string; bytes: number }[]> {
  const info = await (isNamed ? stat(path) : lstat(path)).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') {
      throw new UsageError(`${path} does not exist.`, { subject: path, cause: error });
    }
    throw new TickloomError('storage', `${path} cannot be read (${systemCode(error) ?? String(error)}).`, {
      subject: path,
      cause: error,
    });
  });
  if (info.isDirectory()) {
    const found: { path: string; bytes: number }[] = [];
    for (const name of (await readdir(path)).sort()) {
      if (!name.startsWith('.')) found.push(...(await walk(join(path, name), false)));
    }
    return found;
  }
  const isInput = info.isFile() && FORMATS.some((format) => path.endsWith(format));
  if (isInput) return [{ path, bytes: info.size }];
  if (!isNamed) return [];
  const what = info.isFile() ? 'is none of .csv, .csv.gz and .parquet' : 'is not a regular file';
  throw new UsageError(`${path} ${what}.`, { subject: path });
}

/** Reads symbol, kind, timeframe, venue and side from a path; flags win. */
export function describeFile(path: string, bytes: number, hints: InputHints): InputFile {
  const format = FORMATS.find((candidate) => path.endsWith(candidate));
  if (format === undefined) throw new UsageError(`${path} is none of .csv, .csv.gz and .parquet.`, { subject: path });
  const folder = basename(dirname(path));
  const tokens = basename(path).slice(0, -format.length).split('.');
  const named = readTokens(tokens, folder);
  const kind = readKind(hints.kind) ?? named.kind ?? (FOLDER_TIMEFRAMES[folder] === undefined ? undefined : 'bars');
  const timeframe = hints.timeframe ?? named.timeframe ?? FOLDER_TIMEFRAMES[folder] ?? timeframeOfPartition(path);
  const symbol = hints.symbol === undefined ? named.symbol : normaliseSymbol(hints.symbol);
  return {
    path,
    format: format.slice(1) as InputFile['format'],
    bytes,
    symbol,
    kind: kind ?? kindOfPartition(path),
    timeframe: timeframe === undefined ? undefined : parseTimeframe(timeframe).text,
    venue: named.venue,
    instrument: (named.venue === undefined ? undefined : VENUES[named.venue]) ?? {},
  };
}

function readKind(text: string | undefined): InputKind | undefined {
  if (text === undefined) return undefined;
  const kind = INPUT_KINDS.find((candidate) => candidate === text);
  if (kind === undefined) {
    throw new UsageError(`"${text}" is no kind of input; allowed: ${INPUT_KINDS.join(', ')}.`, { subject: 'kind' });
  }
  return kind;
}

interface Named {
  readonly symbol: string | undefined;
  readonly kind: InputKind | undefined;
  readonly timeframe: string | undefined;
  readonly venue: string | undefined;
}

const DAY = /^\d{4}-\d{2}(-\d{2})?$/;
const TIMEFRAME = /^[1-9]\d{0,3}(s|m|h|d|w|M)$/;

/** `<symbol>[.<venue>][.<tag>][.bid|.ask]`, `<day>.trades` in a folder of that form, `<symbol>.<timeframe>`. */
function readTokens(tokens: readonly string[], folder: string): Named {
  const kind = INPUT_KINDS.find((candidate) => tokens.includes(candidate));
  const timeframe = tokens.slice(1).find((token) => TIMEFRAME.test(token));
  const isDayFile = DAY.test(tokens[0] ?? '');
  const rest = (isDayFile ? folder.split('.') : tokens).filter(
    (token, i) => i === 0 || !(DAY.test(token) || token === kind || token === timeframe),
  );
  if (/^part-/.test(tokens[0] ?? '')) return { symbol: undefined, kind, timeframe, venue: undefined };
  let length = 1;
  while (length < rest.length && isSymbol(rest[length] as string)) length++;
  const tags = rest.slice(length);
  const side = tags.find((tag) => tag === 'bid' || tag === 'ask');
  const venue = tags.find((tag) => VENUES[tag] !== undefined) ?? tags.find((tag) => tag !== side && !isAdjusted(tag));
  const suffix = [...tags.filter(isAdjusted), ...(side === undefined ? [] : [side])];
  const symbol = [...rest.slice(0, length), ...suffix].join('.').toUpperCase();
  return { symbol: isSymbol(symbol) ? symbol : undefined, kind, timeframe, venue };
}

/** Adjusted prices are another series than the raw ones of the same symbol. */
function isAdjusted(tag: string): boolean {
  return tag.endsWith('adjusted');
}

function timeframeOfPartition(path: string): string | undefined {
  return /[\\/]timeframe=([^\\/]+)[\\/]/.exec(path)?.[1];
}

function kindOfPartition(path: string): InputKind | undefined {
  const folder = /[\\/](trades|quotes|bars)[\\/](timeframe=[^\\/]+[\\/])?date=/.exec(path)?.[1];
  return folder === undefined ? undefined : readKind(folder);
}
