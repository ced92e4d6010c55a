import type { Instrument } from '../../model/index.ts';
import type { Adapter, AdapterDefinition, AdapterParts } from '../adapter.ts';
import { baseAddress } from '../provider-address.ts';
import { ProviderRows } from '../provider-rows.ts';
import { SymbolMap } from '../symbol-map.ts';
import { FredObservations, fredRefusal } from './fred-observations.ts';

const REST_URL = 'https://api.stlouisfed.org';
const KEY = 'FRED_API_KEY';

/** FRED: economic series, each value from the time at which it became known. */
export const FRED: AdapterDefinition = {
  id: 'fred',
  summary: 'FRED: economic series of the St. Louis Fed, as they become known',
  secrets: [{ name: KEY, isRequired: true }],
  defaultSymbols: ['DGS10', 'VIXCLS'],
  tradeIds: 'unique',
  breaker: { failures: 3, openMs: 120_000 },
  create: createFred,
};

function createFred({ universe, wanted, settings, secret }: AdapterParts): Adapter {
  const symbols = new SymbolMap({
    source: FRED.id,
    wanted: wanted.length === 0 ? FRED.defaultSymbols : wanted,
    configured: settings.symbols,
    toProvider: (symbol) => (/^[A-Z0-9_]{2,32}$/.test(symbol) ? symbol : undefined),
  });
  const instruments = symbols.all.map(
    (symbol): Instrument => ({
      symbol,
      assetClass: 'macro',
      calendar: 'always',
      currency: 'USD',
      barBasis: 'trades',
    }),
  );
  for (const instrument of instruments) universe.add(instrument);
  const observations = new FredObservations(new ProviderRows(universe, symbols, FRED.id), symbols, secret(KEY) ?? '');
  return {
    id: FRED.id,
    capabilities: {
      kinds: ['trades'],
      live: true,
      history: true,
      tradeIds: FRED.tradeIds,
      needsKey: true,
      faults: false,
    },
    symbols,
    limits: { perSecond: 2, perMinute: 120, concurrent: 1 },
    restUrl: baseAddress(settings.rest_url, REST_URL),
    history: observations,
    poll: observations,
    instruments: () => instruments,
    refusal: fredRefusal,
  };
}
