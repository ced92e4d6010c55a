import { UsageError } from '../base/index.ts';

export interface SymbolMapOptions {
  /** Id of the source, for messages. */
  readonly source: string;
  /** Generic symbols in use. */
  readonly wanted: readonly string[];
  /** Pairs of the configuration, generic to provider; stronger than {@link toProvider}. */
  readonly configured: Readonly<Record<string, string>>;
  /** The provider's own form of a generic symbol; `undefined` for one that it does not carry. */
  toProvider(symbol: string): string | undefined;
}

/** Generic symbols and a provider's, both ways, for the symbols in use [CFG-4]. */
export class SymbolMap {
  readonly all: readonly string[];
  private readonly byGeneric = new Map<string, string>();
  private readonly byProvider = new Map<string, string>();

  /** @throws UsageError for a symbol that the provider does not carry, or two that are one there. */
  constructor(options: SymbolMapOptions) {
    const { source, wanted, configured } = options;
    for (const symbol of wanted) {
      const theirs = configured[symbol] ?? options.toProvider(symbol);
      if (theirs === undefined) {
        throw new UsageError(
          `symbols: ${source} does not carry "${symbol}"; take it out, or map it with sources.${source}.symbols.${symbol}.`,
          { subject: 'symbols' },
        );
      }
      const twin = this.byProvider.get(theirs);
      if (twin !== undefined) {
        throw new UsageError(`symbols: ${twin} and ${symbol} are both "${theirs}" at ${source}; keep one.`, {
          subject: 'symbols',
        });
      }
      this.byGeneric.set(symbol, theirs);
      this.byProvider.set(theirs, symbol);
    }
    this.all = [...wanted];
  }

  /** The provider's form of a symbol in use. @throws UsageError for any other. */
  provider(symbol: string): string {
    const theirs = this.byGeneric.get(symbol);
    if (theirs === undefined) {
      throw new UsageError(`"${symbol}" is not among the symbols in use: ${this.all.slice(0, 20).join(', ')}.`, {
        subject: 'symbol',
      });
    }
    return theirs;
  }

  /** The generic form of a provider's symbol; `undefined` for one that is not in use. */
  generic(theirs: string): string | undefined {
    return this.byProvider.get(theirs);
  }
}
