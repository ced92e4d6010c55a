import { guessInstrument } from '../../model/index.ts';
import type { Adapter, AdapterDefinition, AdapterParts } from '../adapter.ts';
import { splitPair } from '../pair.ts';
import { baseAddress } from '../provider-address.ts';
import { ProviderRows } from '../provider-rows.ts';
import { SymbolMap } from '../symbol-map.ts';
import { YahooChart, yahooRefusal } from './yahoo-chart.ts';

const REST_URL = 'https://query1.finance.yahoo.com';
/** Names that follow no rule: the index and the future in place of the broker's names. */
const SPECIAL: Readonly<Record<string, string>> = { NAS100: '^NDX', XAUUSD: 'GC=F', XAGUSD: 'SI=F' };

/** Yahoo's charts: unofficial, no key, bars by request. Off unless it is asked for. */
export const YAHOO: AdapterDefinition = {
  id: 'yahoo',
  summary: 'Yahoo Finance charts: minute bars by request, no key, unofficial',
  secrets: [],
  defaultSymbols: ['SPY', 'AAPL'],
  tradeIds: 'none',
  breaker: { failures: 5, openMs: 60_000 },
  create: createYahoo,
};

function createYahoo({ universe, wanted, settings }: AdapterParts): Adapter {
  const symbols = new SymbolMap({
    source: YAHOO.id,
    wanted: wanted.length === 0 ? YAHOO.defaultSymbols : wanted,
    configured: settings.symbols,
    toProvider: toYahoo,
  });
  const instruments = symbols.all.map((symbol) =>
    symbol === 'NAS100' ? guessInstrument(symbol, { assetClass: 'index' }) : guessInstrument(symbol),
  );
  for (const instrument of instruments) universe.add(instrument);
  const chart = new YahooChart(new ProviderRows(universe, symbols, YAHOO.id), symbols);
  return {
    id: YAHOO.id,
    capabilities: {
      kinds: ['bars'],
      live: true,
      history: false,
      tradeIds: YAHOO.tradeIds,
      needsKey: false,
      faults: false,
    },
    symbols,
    // None published; more is answered with a block of the address.
    limits: { perSecond: 1, concurrent: 2 },
    restUrl: baseAddress(settings.rest_url, REST_URL),
    history: chart,
    poll: chart,
    instruments: () => instruments,
    refusal: yahooRefusal,
  };
}

function toYahoo(symbol: string): string | undefined {
  const special = SPECIAL[symbol];
  if (special !== undefined) return special;
  const { assetClass } = guessInstrument(symbol);
  const pair = splitPair(symbol);
  if (assetClass === 'forex') return `${symbol}=X`;
  if (assetClass === 'crypto') {
    return pair === undefined ? undefined : `${pair.base}-${pair.quote === 'USDT' ? 'USD' : pair.quote}`;
  }
  return /^[A-Z][A-Z0-9.-]{0,11}$/.test(symbol) ? symbol.replace('.', '-') : undefined;
}
