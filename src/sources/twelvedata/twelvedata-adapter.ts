import type { Adapter, AdapterDefinition, AdapterParts } from '../adapter.ts';
import { choosePlan } from '../plan-choice.ts';
import { baseAddress } from '../provider-address.ts';
import { ProviderRows } from '../provider-rows.ts';
import { SymbolMap } from '../symbol-map.ts';
import { TwelvedataRest, twelvedataRefusal } from './twelvedata-rest.ts';
import { type DayVolumes, TwelvedataSession } from './twelvedata-session.ts';
import { toTwelvedata, twelvedataInstrument } from './twelvedata-symbols.ts';

const STREAM_URL = 'wss://ws.twelvedata.com';
const REST_URL = 'https://api.twelvedata.com';
const STREAM_PATH = '/v1/quotes/price';
const KEY = 'TWELVEDATA_API_KEY';

/** Credits of each plan. */
const PLANS = {
  basic: { perMinute: 8, perDay: 800, streamed: 8 },
  grow: { perMinute: 55, streamed: 8 },
  pro: { perMinute: 610, streamed: 1_000 },
  ultra: { perMinute: 2_584, streamed: 2_500 },
} as const;

/** Twelve Data: prices of shares, currencies and coins by stream, bars by request. */
export const TWELVEDATA: AdapterDefinition = {
  id: 'twelvedata',
  summary: 'Twelve Data: prices of shares, currencies and coins',
  secrets: [{ name: KEY, isRequired: true }],
  defaultSymbols: ['AAPL', 'EURUSD', 'BTCUSD'],
  tradeIds: 'none',
  breaker: { failures: 5, openMs: 60_000 },
  create: createTwelvedata,
};

function createTwelvedata({ universe, wanted, settings, secret }: AdapterParts): Adapter {
  const { name } = choosePlan(TWELVEDATA.id, settings.plan, Object.keys(PLANS) as (keyof typeof PLANS)[]);
  const { streamed, ...credits } = PLANS[name];
  const symbols = new SymbolMap({
    source: TWELVEDATA.id,
    wanted: wanted.length === 0 ? TWELVEDATA.defaultSymbols : wanted,
    configured: settings.symbols,
    toProvider: toTwelvedata,
  });
  const instruments = symbols.all.map(twelvedataInstrument);
  for (const instrument of instruments) universe.add(instrument);
  const rows = new ProviderRows(universe, symbols, TWELVEDATA.id);
  const key = secret(KEY) ?? '';
  const rest = new TwelvedataRest(rows, symbols, { authorization: `apikey ${key}` }, Math.min(120, credits.perMinute));
  const volumes: DayVolumes = new Map();
  const streamBase = baseAddress(settings.stream_url, STREAM_URL, STREAM_PATH);
  return {
    id: TWELVEDATA.id,
    capabilities: {
      kinds: ['trades', 'quotes'],
      live: true,
      history: false,
      tradeIds: TWELVEDATA.tradeIds,
      needsKey: true,
      faults: false,
    },
    symbols,
    limits: { ...credits, concurrent: 2 },
    restUrl: baseAddress(settings.rest_url, REST_URL),
    stream: {
      url: () => `${streamBase}${STREAM_PATH}?apikey=${encodeURIComponent(key)}`,
      opening: 'subscribe',
      acknowledges: true,
      answerTimeoutMs: 10_000,
      // Its answer to the heartbeat comes every 10 s.
      silenceMs: 30_000,
      sendEveryMs: 100,
      maxSymbols: streamed,
      session: () => new TwelvedataSession(rows, symbols, volumes),
    },
    history: rest,
    poll: rest,
    instruments: () => instruments,
    refusal: twelvedataRefusal,
  };
}
