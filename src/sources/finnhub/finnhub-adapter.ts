import type { Adapter, AdapterDefinition, AdapterParts } from '../adapter.ts';
import { baseAddress } from '../provider-address.ts';
import { ProviderRows } from '../provider-rows.ts';
import { SymbolMap } from '../symbol-map.ts';
import { FinnhubSession } from './finnhub-frames.ts';
import { FinnhubRest, finnhubRefusal } from './finnhub-rest.ts';
import { finnhubInstrument, toFinnhub } from './finnhub-symbols.ts';

const STREAM_URL = 'wss://ws.finnhub.io';
const REST_URL = 'https://finnhub.io';
const KEY = 'FINNHUB_API_KEY';

/** Finnhub: trades of US shares and coins, price updates of currencies; no ids, no past trades. */
export const FINNHUB: AdapterDefinition = {
  id: 'finnhub',
  summary: 'Finnhub: trades of US shares and coins, prices of currencies',
  secrets: [{ name: KEY, isRequired: true }],
  defaultSymbols: ['AAPL', 'SPY', 'BTCUSD'],
  tradeIds: 'none',
  breaker: { failures: 3, openMs: 120_000 },
  create: createFinnhub,
};

function createFinnhub({ universe, wanted, settings, secret }: AdapterParts): Adapter {
  const symbols = new SymbolMap({
    source: FINNHUB.id,
    wanted: wanted.length === 0 ? FINNHUB.defaultSymbols : wanted,
    configured: settings.symbols,
    toProvider: toFinnhub,
  });
  const instruments = symbols.all.map(finnhubInstrument);
  for (const instrument of instruments) universe.add(instrument);
  const rows = new ProviderRows(universe, symbols, FINNHUB.id);
  const key = secret(KEY) ?? '';
  const rest = new FinnhubRest(rows, symbols, { 'X-Finnhub-Token': key });
  const streamBase = baseAddress(settings.stream_url, STREAM_URL);
  return {
    id: FINNHUB.id,
    capabilities: {
      kinds: ['trades', 'quotes'],
      live: true,
      history: false,
      tradeIds: FINNHUB.tradeIds,
      needsKey: true,
      faults: false,
    },
    symbols,
    limits: { perSecond: 30, perMinute: 60, concurrent: 4 },
    restUrl: baseAddress(settings.rest_url, REST_URL, '/api/v1'),
    stream: {
      url: () => `${streamBase}/?token=${encodeURIComponent(key)}`,
      opening: 'subscribe',
      acknowledges: false,
      answerTimeoutMs: 10_000,
      // Its own pings come about once a minute when nothing else does.
      silenceMs: 120_000,
      sendEveryMs: 100,
      maxSymbols: 50,
      session: () => new FinnhubSession(rows, symbols),
    },
    history: rest,
    poll: rest,
    listing: (listed) => rest.listing(listed),
    instruments: () => instruments,
    refusal: finnhubRefusal,
  };
}
