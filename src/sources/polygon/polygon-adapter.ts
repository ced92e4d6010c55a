import { guessInstrument } from '../../model/index.ts';
import type { Adapter, AdapterDefinition, AdapterParts } from '../adapter.ts';
import { choosePlan } from '../plan-choice.ts';
import { baseAddress } from '../provider-address.ts';
import { ProviderRows } from '../provider-rows.ts';
import { SymbolMap } from '../symbol-map.ts';
import { PolygonConditions } from './polygon-conditions.ts';
import { PolygonFrames } from './polygon-frames.ts';
import { PolygonHistory, polygonRefusal } from './polygon-history.ts';
import { PolygonScanner } from './polygon-scanner.ts';
import { PolygonSession } from './polygon-session.ts';

const STREAM_URLS = { realtime: 'wss://socket.polygon.io', delayed: 'wss://delayed.polygon.io' } as const;
const REST_URL = 'https://api.polygon.io';
const KEY = 'POLYGON_API_KEY';
const CLUSTER = '/stocks';

/** Polygon (now Massive): US stocks. Plans: real time, a quarter of an hour late, each with or without its bars. */
export const POLYGON: AdapterDefinition = {
  id: 'polygon',
  summary: 'Polygon (Massive): US stocks, trades and quotes, real time or 15 minutes late',
  secrets: [{ name: KEY, isRequired: true }],
  defaultSymbols: ['SPY', 'AAPL'],
  tradeIds: 'unique',
  breaker: { failures: 5, openMs: 30_000 },
  create: createPolygon,
};

function createPolygon({ universe, wanted, settings, secret }: AdapterParts): Adapter {
  const plan = choosePlan(POLYGON.id, settings.plan, ['realtime', 'delayed'], ['bars']);
  const hasBars = plan.options.has('bars');
  const symbols = new SymbolMap({
    source: POLYGON.id,
    wanted: wanted.length === 0 ? POLYGON.defaultSymbols : wanted,
    configured: settings.symbols,
    toProvider: toPolygon,
  });
  const instruments = symbols.all.map((symbol) => guessInstrument(symbol, { assetClass: 'equity' }));
  for (const instrument of instruments) universe.add(instrument);
  const rows = new ProviderRows(universe, symbols, POLYGON.id);
  const conditions = new PolygonConditions(universe.conditions);
  const frames = new PolygonFrames(rows, conditions);
  const scanner = new PolygonScanner(rows, symbols.all.length, conditions);
  const key = secret(KEY) ?? '';
  const history = new PolygonHistory(frames, rows, symbols, { authorization: `Bearer ${key}` });
  const channels = hasBars ? ['T', 'Q', 'A', 'AM'] : ['T', 'Q'];
  const streamBase = baseAddress(settings.stream_url, STREAM_URLS[plan.name], CLUSTER);
  return {
    id: POLYGON.id,
    capabilities: {
      kinds: hasBars ? ['trades', 'quotes', 'bars'] : ['trades', 'quotes'],
      live: true,
      history: true,
      tradeIds: POLYGON.tradeIds,
      needsKey: true,
      faults: false,
    },
    symbols,
    // Asked to stay below about 100 a second.
    limits: { perSecond: 50, concurrent: 8 },
    restUrl: baseAddress(settings.rest_url, REST_URL),
    stream: {
      url: () => `${streamBase}${CLUSTER}`,
      opening: 'greeting',
      acknowledges: true,
      answerTimeoutMs: 10_000,
      silenceMs: 30_000,
      sendEveryMs: 50,
      maxSymbols: 20_000,
      session: () => new PolygonSession(frames, scanner, symbols, channels, key),
    },
    history,
    listing: (listed) => history.listing(listed),
    instruments: () => instruments,
    refusal: polygonRefusal,
  };
}

/** Tickers of the stocks cluster; classes of shares have a point. */
function toPolygon(symbol: string): string | undefined {
  if (guessInstrument(symbol).assetClass !== 'equity' || !/^[A-Z][A-Za-z0-9.-]{0,11}$/.test(symbol)) return undefined;
  return symbol.replace('-', '.');
}
