import { guessInstrument, type Instrument } from '../../model/index.ts';
import { splitPair } from '../pair.ts';

const INDICES: Readonly<Record<string, string>> = { NAS100: 'NDX' };

/** The provider's form of a generic symbol: pairs with a slash. */
export function toTwelvedata(symbol: string): string | undefined {
  const index = INDICES[symbol];
  if (index !== undefined) return index;
  if (guessInstrument(symbol).assetClass === 'equity') {
    return /^[A-Z0-9][A-Z0-9.-]{0,11}$/.test(symbol) ? symbol.replace('-', '.') : undefined;
  }
  const pair = splitPair(symbol);
  if (pair === undefined) return undefined;
  return `${pair.base}/${pair.quote === 'USDT' ? 'USD' : pair.quote}`;
}

export function twelvedataInstrument(symbol: string): Instrument {
  return INDICES[symbol] === undefined ? guessInstrument(symbol) : guessInstrument(symbol, { assetClass: 'index' });
}
