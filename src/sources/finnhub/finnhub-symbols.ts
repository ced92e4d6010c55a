import { guessInstrument, type Instrument } from '../../model/index.ts';
import { splitPair } from '../pair.ts';

/** Names that the provider has under an exchange of its own. */
const SPECIAL: Readonly<Record<string, string>> = { NAS100: 'OANDA:NAS100_USD' };

/** The provider's form of a generic symbol: shares bare, coins at Binance, currencies and metals at Oanda. */
export function toFinnhub(symbol: string): string | undefined {
  const special = SPECIAL[symbol];
  if (special !== undefined) return special;
  const { assetClass } = guessInstrument(symbol);
  const pair = splitPair(symbol);
  if (assetClass === 'forex') return pair === undefined ? undefined : `OANDA:${pair.base}_${pair.quote}`;
  if (assetClass === 'crypto') {
    if (pair === undefined) return undefined;
    return `BINANCE:${pair.base}${pair.quote === 'USD' ? 'USDT' : pair.quote}`;
  }
  return /^[A-Z][A-Z0-9.-]{0,11}$/.test(symbol) ? symbol.replace('-', '.') : undefined;
}

export function finnhubInstrument(symbol: string): Instrument {
  return SPECIAL[symbol] === undefined
    ? guessInstrument(symbol)
    : guessInstrument(symbol, { assetClass: 'index', calendar: 'forex', barBasis: 'mid' });
}
