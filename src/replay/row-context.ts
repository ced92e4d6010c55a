import { guessInstrument, normaliseSymbol, parseTimeframe, type Universe } from '../model/index.ts';
import { ByteInterner } from './byte-interner.ts';
import type { InputFile } from './input-file.ts';
import type { RowLayout } from './row-layout.ts';

/** Tables and constants behind the rows of one file. */
export class RowContext {
  /** Id of the file's symbol, -1 where rows name it. */
  readonly symbol: number;
  readonly source: number;
  readonly symbols: ByteInterner;
  readonly sources: ByteInterner;
  readonly exchanges: ByteInterner;
  readonly conditions: ByteInterner;
  /** Length of the file's bars; 0 for trades and quotes. */
  readonly timeframeUs: number;

  constructor(file: InputFile, layout: RowLayout, universe: Universe) {
    const add = (symbol: string): number => universe.add(describe(file, layout, symbol));
    this.symbol = file.symbol === undefined ? -1 : add(file.symbol);
    this.source = universe.sources.intern(file.venue ?? 'replay');
    this.symbols = new ByteInterner((text) => add(normaliseSymbol(text)));
    this.sources = new ByteInterner((text) => universe.sources.intern(unguarded(text)));
    this.exchanges = new ByteInterner((text) => universe.exchanges.intern(unguarded(text)));
    this.conditions = new ByteInterner((text) => universe.conditions.intern(unguarded(text)));
    const isBars = layout.kind === 'bars' && file.timeframe !== undefined;
    this.timeframeUs = isBars ? parseTimeframe(file.timeframe).lengthUs : 0;
  }
}

const SERIES_SUFFIX = /\.(BID|ASK|[A-Z]+ADJUSTED)$/;

/** The guess from the symbol, then what the venue says; a file of trades builds its bars from trades. */
function describe(file: InputFile, layout: RowLayout, symbol: string) {
  const guess = guessInstrument(symbol.replace(SERIES_SUFFIX, ''), file.instrument);
  return { ...guess, symbol, ...(layout.kind === 'trades' ? { barBasis: 'trades' as const } : {}) };
}

/** Takes off the apostrophe that exports put before texts which a spreadsheet would take for a formula. */
export function unguarded(text: string): string {
  return /^'[=+\-@\t]/.test(text) ? text.slice(1) : text;
}
