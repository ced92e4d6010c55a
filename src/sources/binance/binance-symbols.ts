import { guessInstrument, type Instrument } from '../../model/index.ts';

const QUOTES = /(USDT|USDC|FDUSD|TUSD|BUSD|BTC|ETH|BNB|EUR|TRY|BRL|JPY)$/;

/** Binance's form of a generic symbol: coins in US dollars trade there against USDT. */
export function toBinance(symbol: string): string | undefined {
  if (!/^[A-Z0-9]{5,20}$/.test(symbol)) return undefined;
  if (QUOTES.test(symbol)) return symbol;
  return symbol.endsWith('USD') && guessInstrument(symbol).assetClass === 'crypto' ? `${symbol}T` : undefined;
}

/** A pair under its generic symbol; the market never closes. */
export function binanceInstrument(symbol: string): Instrument {
  const currency = QUOTES.exec(symbol)?.[1] ?? 'USD';
  return { symbol, assetClass: 'crypto', calendar: 'crypto', currency, barBasis: 'trades' };
}
