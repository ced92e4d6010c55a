import { guessInstrument } from '../../model/index.ts';
import type { Adapter, AdapterDefinition, AdapterParts } from '../adapter.ts';
import { choosePlan } from '../plan-choice.ts';
import { baseAddress } from '../provider-address.ts';
import { ProviderRows } from '../provider-rows.ts';
import { SymbolMap } from '../symbol-map.ts';
import { AlphavantageRest, alphavantageRefusal } from './alphavantage-rest.ts';

const REST_URL = 'https://www.alphavantage.co';
const KEY = 'ALPHAVANTAGE_API_KEY';

/** Alpha Vantage: minute bars of shares by request; the free plan has 25 requests a day. */
export const ALPHAVANTAGE: AdapterDefinition = {
  id: 'alphavantage',
  summary: 'Alpha Vantage: minute bars of shares, by request',
  secrets: [{ name: KEY, isRequired: true }],
  defaultSymbols: ['IBM'],
  tradeIds: 'none',
  breaker: { failures: 5, openMs: 60_000 },
  create: createAlphavantage,
};

function createAlphavantage({ universe, wanted, settings, secret }: AdapterParts): Adapter {
  const plan = choosePlan(ALPHAVANTAGE.id, settings.plan, ['free', 'realtime', 'delayed'], ['end-stamped']);
  const isFree = plan.name === 'free';
  const symbols = new SymbolMap({
    source: ALPHAVANTAGE.id,
    wanted: wanted.length === 0 ? ALPHAVANTAGE.defaultSymbols : wanted,
    configured: settings.symbols,
    toProvider: (symbol) =>
      guessInstrument(symbol).assetClass === 'equity' && /^[A-Z][A-Z0-9.-]{0,11}$/.test(symbol) ? symbol : undefined,
  });
  const instruments = symbols.all.map((symbol) => guessInstrument(symbol));
  for (const instrument of instruments) universe.add(instrument);
  const rows = new ProviderRows(universe, symbols, ALPHAVANTAGE.id);
  const key = secret(KEY) ?? '';
  const rest = new AlphavantageRest(rows, symbols, {
    key,
    entitlement: isFree ? undefined : plan.name,
    areEndStamped: plan.options.has('end-stamped'),
  });
  return {
    id: ALPHAVANTAGE.id,
    capabilities: {
      kinds: ['bars'],
      live: true,
      history: false,
      tradeIds: ALPHAVANTAGE.tradeIds,
      needsKey: true,
      faults: false,
    },
    symbols,
    limits: isFree
      ? { perSecond: 1, perMinute: 5, perDay: 25, concurrent: 1 }
      : { perSecond: 5, perMinute: 75, concurrent: 2 },
    restUrl: baseAddress(settings.rest_url, REST_URL, '/query'),
    history: rest,
    poll: rest,
    instruments: () => instruments,
    refusal: (answer) => alphavantageRefusal(answer, key),
  };
}
