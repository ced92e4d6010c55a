import { type Micros, parseMicros, TickloomError, UsageError } from '../base/index.ts';
import { parseCivilDay } from '../calendar/index.ts';
import { ACTION_KINDS, type ActionKind, type CorporateAction, normaliseSymbol } from '../model/index.ts';
import { readText } from './byte-source.ts';
import type { InputFile } from './input-file.ts';
import { splitQuotedLine, unquoted } from './quoted-line.ts';

/** Unpacked size at which a file of actions is refused: all actions of the US market since 1960 are a tenth of it. */
const MAX_TEXT_BYTES = 256 * 1_024 * 1_024;
const NEEDED = ['kind', 'ex_date', 'value'] as const;
const NUMBER = /^\d+(\.\d+)?([eE][+-]?\d+)?$/;

export interface ReadActionsOptions {
  readonly file: InputFile;
  /** Symbol of the rows of a file that has no such column. */
  readonly symbol: string | undefined;
  /** Midnight of a date (`2020-08-31`) at the exchange of a symbol. */
  midnight(symbol: string, date: string): Micros;
}

/**
 * The splits and dividends of a CSV file with a header: `kind` (`split`, `dividend`), `ex_date`, `value`, and where
 * they are there `symbol`, `known` (RFC 3339, a date or epoch milliseconds; absent = the start of the ex-day, when all
 * the market has it in its prices) and `id`.
 * @throws UsageError naming file, line and what is allowed, at the first row that can not be read: a file of actions
 *   without one of them would adjust wrongly.
 */
export async function readActions(options: ReadActionsOptions): Promise<readonly CorporateAction[]> {
  const { file } = options;
  if (file.format === 'parquet')
    throw new UsageError(`${file.path}: actions are read from CSV only.`, { subject: file.path });
  const lines = (await wholeText(file)).replace(/^\uFEFF/, '').split(/\r?\n/);
  const header = (lines[0] ?? '').split(',').map((name) => unquoted(name).toLowerCase());
  const missing = NEEDED.filter((name) => !header.includes(name));
  if (missing.length > 0 || (options.symbol === undefined && !header.includes('symbol'))) {
    const names = missing.length > 0 ? missing.join(', ') : 'symbol (or give --symbol)';
    throw refused(file, 1, `no column ${names}; a file of actions has symbol,kind,ex_date,value[,known][,id]`);
  }
  const actions: CorporateAction[] = [];
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    if (line.trim() === '') continue;
    const fields = splitQuotedLine(line);
    if (typeof fields === 'string') throw refused(file, i + 1, fields);
    if (fields.length !== header.length) {
      throw refused(file, i + 1, `${fields.length} fields under a header of ${header.length}`);
    }
    const cell = (name: string): string => (fields[header.indexOf(name)] ?? '').trim();
    actions.push(readRow(options, cell, (problem) => refused(file, i + 1, problem)));
  }
  return actions;
}

function readRow(
  options: ReadActionsOptions,
  cell: (name: string) => string,
  refuse: (problem: string) => UsageError,
): CorporateAction {
  const symbol = readSymbol(cell('symbol') === '' ? (options.symbol ?? '') : cell('symbol'), refuse);
  const kind = ACTION_KINDS.find((each) => each === cell('kind').toLowerCase());
  if (kind === undefined) throw refuse(`kind "${cell('kind')}"; allowed: ${ACTION_KINDS.join(', ')}`);
  const date = cell('ex_date');
  if (parseCivilDay(date) === undefined) throw refuse(`ex_date "${date}" is no date YYYY-MM-DD`);
  const exUs = options.midnight(symbol, date);
  const known = cell('known');
  const knownUs = known === '' ? exUs : readTime(known);
  if (knownUs === undefined) throw refuse(`known "${known}" is no RFC 3339 time, date or epoch milliseconds`);
  return { symbol, kind, exUs, value: readValue(kind, cell('value'), refuse), knownUs, id: cell('id'), source: 'file' };
}

function readSymbol(text: string, refuse: (problem: string) => UsageError): string {
  try {
    return normaliseSymbol(text);
  } catch (error) {
    throw error instanceof TickloomError ? refuse(`"${text.slice(0, 40)}" is no symbol`) : error;
  }
}

function readTime(text: string): Micros | undefined {
  return /^\d{5,14}$/.test(text) ? Number(text) * 1_000 : parseMicros(text);
}

/** A number, or for splits also `4:1`; 0 withdraws. */
function readValue(kind: ActionKind, text: string, refuse: (problem: string) => UsageError): number {
  const parts = kind === 'split' ? text.split(/[:/]/) : [text];
  const numbers = parts.map((part) => (NUMBER.test(part) ? Number(part) : Number.NaN));
  const value = parts.length === 2 ? (numbers[0] as number) / (numbers[1] as number) : (numbers[0] as number);
  if (parts.length <= 2 && value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  const allowed = kind === 'split' ? 'new shares for one old (4, 0.1) or 4:1' : 'money per share';
  throw refuse(`value "${text}"; allowed for a ${kind}: ${allowed}, or 0 to withdraw it`);
}

function refused(file: InputFile, line: number, problem: string): UsageError {
  return new UsageError(`${file.path} line ${line}: ${problem}. Nothing of the file was kept.`, { subject: file.path });
}

async function wholeText(file: InputFile): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of readText(file, { bytes: 0 })) {
    size += chunk.length;
    if (size > MAX_TEXT_BYTES) throw refused(file, 0, `more than ${MAX_TEXT_BYTES / 1_048_576} MiB of text`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
