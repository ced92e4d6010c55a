import type { Instrument } from '../../model/index.ts';
import type { Adapter, AdapterDefinition, AdapterParts } from '../adapter.ts';
import { splitPair } from '../pair.ts';
import { choosePlan } from '../plan-choice.ts';
import { baseAddress } from '../provider-address.ts';
import { ProviderRows } from '../provider-rows.ts';
import { SymbolMap } from '../symbol-map.ts';
import { CoingeckoRest, coingeckoRefusal } from './coingecko-rest.ts';

const KEY = 'COINGECKO_API_KEY';
const PLANS = {
  keyless: { url: 'https://api.coingecko.com', header: undefined, perMinute: 5 },
  demo: { url: 'https://api.coingecko.com', header: 'x-cg-demo-api-key', perMinute: 30 },
  pro: { url: 'https://pro-api.coingecko.com', header: 'x-cg-pro-api-key', perMinute: 250 },
} as const;
/** Ids of well-known coins; others are given by the configuration as `id/currency`. */
const COINS: Readonly<Record<string, string>> = {
  BTC: 'bitcoin',
  ETH: 'ethereum',
  SOL: 'solana',
  XRP: 'ripple',
  ADA: 'cardano',
  DOGE: 'dogecoin',
  LTC: 'litecoin',
  BNB: 'binancecoin',
  DOT: 'polkadot',
  AVAX: 'avalanche-2',
  LINK: 'chainlink',
  MATIC: 'matic-network',
  BCH: 'bitcoin-cash',
};

/** CoinGecko: prices of coins over all exchanges, by request. */
export const COINGECKO: AdapterDefinition = {
  id: 'coingecko',
  summary: 'CoinGecko: prices of coins over all exchanges, by request',
  secrets: [{ name: KEY, isRequired: false }],
  defaultSymbols: ['BTCUSD', 'ETHUSD'],
  tradeIds: 'none',
  breaker: { failures: 5, openMs: 60_000 },
  create: createCoingecko,
};

function createCoingecko({ universe, wanted, settings, secret }: AdapterParts): Adapter {
  const plans = Object.keys(PLANS) as (keyof typeof PLANS)[];
  const key = secret(KEY);
  // A key without a plan is a demo key.
  const chosen = settings.plan === '' && key !== undefined ? 'demo' : settings.plan;
  const { url, header, perMinute } = PLANS[choosePlan(COINGECKO.id, chosen, plans).name];
  const symbols = new SymbolMap({
    source: COINGECKO.id,
    wanted: wanted.length === 0 ? COINGECKO.defaultSymbols : wanted,
    configured: settings.symbols,
    toProvider: toCoingecko,
  });
  const instruments = symbols.all.map(coin);
  for (const instrument of instruments) universe.add(instrument);
  const rows = new ProviderRows(universe, symbols, COINGECKO.id);
  const rest = new CoingeckoRest(rows, symbols, header === undefined || key === undefined ? {} : { [header]: key });
  return {
    id: COINGECKO.id,
    capabilities: {
      kinds: ['trades'],
      live: true,
      history: false,
      tradeIds: COINGECKO.tradeIds,
      needsKey: false,
      faults: false,
    },
    symbols,
    limits: { perMinute, concurrent: 1 },
    restUrl: baseAddress(settings.rest_url, url, '/api/v3'),
    history: rest,
    poll: rest,
    instruments: () => instruments,
    refusal: coingeckoRefusal,
  };
}

function toCoingecko(symbol: string): string | undefined {
  const pair = splitPair(symbol);
  const id = pair === undefined ? undefined : COINS[pair.base];
  return pair === undefined || id === undefined ? undefined : `${id}/${pair.quote.slice(0, 3).toLowerCase()}`;
}

function coin(symbol: string): Instrument {
  const currency = splitPair(symbol)?.quote ?? 'USD';
  return { symbol, assetClass: 'crypto', calendar: 'crypto', currency, barBasis: 'trades' };
}
