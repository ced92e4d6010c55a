import { isSymbol, type Universe } from '../model/index.ts';
import type { SimulatedTape } from './tape.ts';

const QUOTE_CURRENCY = /^([A-Z0-9]{2,10}?)(USDT|USDC|BUSD|USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|BTC|ETH)$/;

/** Finds the tape's symbol that a provider's spelling means, and the spelling of a symbol. */
export class WireSymbols {
  private readonly tape: SimulatedTape;
  private readonly universe: Universe;
  private readonly known = new Map<string, number | undefined>();

  constructor(tape: SimulatedTape) {
    this.tape = tape;
    this.universe = tape.universe;
  }

  /** The id of `BTC/USD`, `BTC-USD`, `BINANCE:BTCUSDT`, `OANDA:EUR_USD`, `X:BTCUSD`, `EURUSD=X` or `btcusdt`. */
  find(text: string): number | undefined {
    const upper = text.toUpperCase();
    if (!this.known.has(upper)) this.known.set(upper, this.search(upper));
    return this.known.get(upper);
  }

  text(symbol: number): string {
    return this.universe.symbol(symbol);
  }

  isPair(symbol: number): boolean {
    const { assetClass } = this.universe.instrument(symbol);
    return (assetClass === 'crypto' || assetClass === 'forex') && QUOTE_CURRENCY.test(this.text(symbol));
  }

  assetClass(symbol: number): string {
    return this.universe.instrument(symbol).assetClass;
  }

  /** Base and quote of a pair joined as the provider does; other symbols as they are. */
  joined(symbol: number, separator: string): string {
    const text = this.text(symbol);
    const match = this.isPair(symbol) ? QUOTE_CURRENCY.exec(text) : null;
    return match === null ? text : `${match[1]}${separator}${match[2]}`;
  }

  /** Ids of every symbol that the tape has events of. */
  all(): readonly number[] {
    return this.universe.instruments().flatMap((_instrument, id) => (this.tape.hasSymbol(id) ? [id] : []));
  }

  private search(upper: string): number | undefined {
    const bare = upper
      .replace(/^[A-Z_]+:/, '')
      .replace(/=X$/, '')
      .replace(/:[A-Z]+$/, '');
    const joined = bare.replace(/[/_-]/g, '');
    const dollars = joined.endsWith('USD') ? [`${joined}T`] : [];
    for (const text of [upper, bare, joined, ...dollars, bare.replace(/[/-]/g, '.')]) {
      const found = isSymbol(text) ? this.universe.find(text) : undefined;
      if (found !== undefined && this.tape.hasSymbol(found)) return found;
    }
    return undefined;
  }
}
