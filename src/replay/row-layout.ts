import { TickloomError, UsageError } from '../base/index.ts';
import type { InputFile, InputKind } from './input-file.ts';

/** Where the values of a row stand; -1 where the file has no such column. */
export interface RowLayout {
  readonly kind: InputKind;
  readonly columnCount: number;
  readonly ts: number;
  readonly recv: number;
  readonly symbol: number;
  readonly source: number;
  readonly id: number;
  readonly exchange: number;
  readonly conditions: number;
  /** Columns of p0, p1, … in the order of the kind. */
  readonly numbers: readonly number[];
  /** Names of `numbers`, for messages. */
  readonly numberNames: readonly string[];
}

const MAX_COLUMNS = 256;
const TIME_NAMES = ['ts', 'start', 'time'];
const NUMBERS: Readonly<Record<InputKind, readonly (readonly string[])[]>> = {
  trades: [['price'], ['size']],
  quotes: [['bid'], ['bidSize', 'bid_size'], ['ask'], ['askSize', 'ask_size']],
  bars: [['open'], ['high'], ['low'], ['close'], ['volume'], ['vwap'], ['trades', 'trade_count']],
};
const REQUIRED: Readonly<Record<InputKind, readonly string[]>> = {
  trades: ['price', 'size'],
  quotes: ['bid', 'ask'],
  bars: ['open', 'high', 'low', 'close'],
};
const OPTIONAL: Readonly<Record<InputKind, string>> = {
  trades: 'exchange, conditions, id, recv, symbol, source, seq, quality',
  quotes: 'bidSize, askSize, bidExchange, askExchange, conditions, recv, symbol, source, seq, quality',
  bars: 'volume, vwap, trades, revision, recv, symbol, source, seq, quality',
};

/**
 * Finds the columns of a file by their names.
 * @throws TickloomError `bad-header` naming what was found and what is allowed; UsageError where a flag must help.
 */
export function readLayout(file: InputFile, names: readonly string[]): RowLayout {
  const find = (...wanted: string[]): number => names.findIndex((name) => wanted.includes(name));
  const kind = file.kind ?? kindOf(names);
  if (kind === undefined || names.length > MAX_COLUMNS) throw headerError(file, names, undefined);
  if (find(...TIME_NAMES) < 0 || REQUIRED[kind].some((name) => find(name) < 0)) throw headerError(file, names, kind);
  const layout: RowLayout = {
    kind,
    columnCount: names.length,
    ts: find(...TIME_NAMES),
    recv: find('recv'),
    symbol: file.symbol === undefined ? find('symbol') : -1,
    source: find('source'),
    id: kind === 'trades' ? find('id') : -1,
    exchange: find('exchange', 'bidExchange'),
    conditions: find('conditions'),
    numbers: NUMBERS[kind].map((alternatives) => find(...alternatives)),
    numberNames: NUMBERS[kind].map((alternatives) => alternatives[0] as string),
  };
  if (file.symbol === undefined && layout.symbol < 0) {
    throw new UsageError(`${file.path} does not say its symbol; give it with --symbol.`, { subject: 'symbol' });
  }
  if (kind === 'bars' && file.timeframe === undefined) {
    throw new UsageError(`${file.path} does not say how long its bars are; give it with --timeframe, for example 1m.`, {
      subject: 'timeframe',
    });
  }
  return layout;
}

function kindOf(names: readonly string[]): InputKind | undefined {
  return (['bars', 'trades', 'quotes'] as const).find((kind) => REQUIRED[kind].every((name) => names.includes(name)));
}

function headerError(file: InputFile, names: readonly string[], kind: InputKind | undefined): TickloomError {
  const found = names.join(',');
  const shown = found.length > 120 ? `${found.slice(0, 120)}…` : found;
  const kinds = kind === undefined ? (['trades', 'quotes', 'bars'] as const) : [kind];
  const allowed = kinds.map((each) => `${each}: ts, ${REQUIRED[each].join(', ')} (optional ${OPTIONAL[each]})`);
  const hint = found.includes('\0') ? ' The file looks like UTF-16; save it as UTF-8.' : '';
  return new TickloomError(
    'bad-header',
    `${file.path}: the header "${shown.replaceAll('\0', '')}" does not fit. Allowed are ${allowed.join('; ')}.${hint}`,
    { subject: file.path },
  );
}
