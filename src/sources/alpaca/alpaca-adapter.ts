import type { Adapter, AdapterDefinition, AdapterParts } from '../adapter.ts';
import { baseAddress } from '../provider-address.ts';
import { ProviderRows } from '../provider-rows.ts';
import { SymbolMap } from '../symbol-map.ts';
import { alpacaInstrument, alpacaPlan, toAlpaca } from './alpaca-feeds.ts';
import { AlpacaFrames } from './alpaca-frames.ts';
import { AlpacaHistory, alpacaRefusal } from './alpaca-history.ts';
import { AlpacaMsgpackScanner } from './alpaca-msgpack-scanner.ts';
import { AlpacaScanner } from './alpaca-scanner.ts';
import { AlpacaSession } from './alpaca-session.ts';

const STREAM_URL = 'wss://stream.data.alpaca.markets';
const REST_URL = 'https://data.alpaca.markets';
const KEY_ID = 'ALPACA_API_KEY_ID';
const SECRET_KEY = 'ALPACA_API_SECRET_KEY';

/** Alpaca: US stocks and crypto over one stream, with corrections and cancels; plans are its feeds. */
export const ALPACA: AdapterDefinition = {
  id: 'alpaca',
  summary: 'Alpaca: US stocks (iex, sip) or crypto, trades, quotes, corrections and cancels',
  secrets: [
    { name: KEY_ID, isRequired: true },
    { name: SECRET_KEY, isRequired: true },
  ],
  defaultSymbols: ['SPY', 'AAPL'],
  tradeIds: 'unique',
  breaker: { failures: 5, openMs: 30_000 },
  create: createAlpaca,
};

function createAlpaca({ universe, wanted, settings, secret }: AdapterParts): Adapter {
  const plan = alpacaPlan(settings.plan, settings.realtime_enabled === true);
  const { feed } = plan;
  const symbols = new SymbolMap({
    source: ALPACA.id,
    wanted: wanted.length === 0 ? feed.defaultSymbols : wanted,
    configured: settings.symbols,
    toProvider: (symbol) => toAlpaca(symbol, feed),
  });
  const instruments = symbols.all.map((symbol) => alpacaInstrument(symbol, feed));
  for (const instrument of instruments) universe.add(instrument);
  const rows = new ProviderRows(universe, symbols, ALPACA.id);
  const frames = new AlpacaFrames(rows);
  const scanner = new AlpacaScanner(rows, symbols.all.length);
  const msgpackScanner = new AlpacaMsgpackScanner(rows, symbols.all.length);
  const keys = { id: secret(KEY_ID) ?? '', secret: secret(SECRET_KEY) ?? '' };
  const headers = { 'APCA-API-KEY-ID': keys.id, 'APCA-API-SECRET-KEY': keys.secret };
  const history = new AlpacaHistory(frames, rows, symbols, feed, headers);
  const streamBase = baseAddress(settings.stream_url, STREAM_URL, feed.streamPath);
  return {
    id: ALPACA.id,
    capabilities: {
      kinds: plan.hasBars ? ['trades', 'quotes', 'bars'] : ['trades', 'quotes'],
      live: true,
      history: true,
      tradeIds: ALPACA.tradeIds,
      needsKey: true,
      faults: false,
    },
    symbols,
    limits: { perMinute: feed.perMinute, concurrent: 4 },
    restUrl: baseAddress(settings.rest_url, REST_URL),
    stream: {
      url: () => `${streamBase}${feed.streamPath}`,
      headers: { 'Content-Type': plan.isMsgpack ? 'application/msgpack' : 'application/json' },
      opening: 'greeting',
      acknowledges: true,
      answerTimeoutMs: 10_000,
      silenceMs: 30_000,
      sendEveryMs: 50,
      maxSymbols: feed.maxSymbols,
      session: () => new AlpacaSession(frames, scanner, msgpackScanner, symbols, plan, keys),
    },
    history,
    listing: (listed) => history.listing(listed),
    instruments: () => instruments,
    refusal: alpacaRefusal,
  };
}
