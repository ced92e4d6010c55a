const PAIR = /^([A-Z0-9]{2,10}?)(USDT|USDC|USD|EUR|GBP|JPY|CHF|CAD|AUD|NZD|BTC|ETH)$/;

/** Base and quote currency of a generic pair such as EURUSD or BTCUSDT; `undefined` for anything else. */
export function splitPair(symbol: string): { readonly base: string; readonly quote: string } | undefined {
  const match = PAIR.exec(symbol);
  return match === null ? undefined : { base: match[1] as string, quote: match[2] as string };
}
