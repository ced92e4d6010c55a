import type { SimulatedWorld } from '../provider.ts';

/** What the provider says of an instrument beside each value: pairs have two currencies, shares one and an exchange. */
export function instrumentFields({ symbols }: SimulatedWorld, symbol: number): Readonly<Record<string, string>> {
  if (!symbols.isPair(symbol)) {
    return { currency: 'USD', exchange: 'NASDAQ', mic_code: 'XNAS', type: 'Common Stock' };
  }
  const [base = '', quote = ''] = symbols.joined(symbol, '/').split('/');
  const isCrypto = symbols.assetClass(symbol) === 'crypto';
  const type = isCrypto ? 'Digital Currency' : 'Physical Currency';
  return { currency_base: base, currency_quote: quote, ...(isCrypto ? { exchange: 'Binance' } : {}), type };
}
