import type { SimulatorDefinition } from '../provider.ts';
import { BinanceRest } from './binance-rest.ts';
import { BinanceSession } from './binance-stream.ts';

const PING_MS = 20_000;

/** Binance spot: raw and combined streams, `/api/v3`. Public market data needs no key. */
export const binanceSimulator: SimulatorDefinition = {
  name: 'binance',
  summary: 'Binance spot: combined and raw streams, REST v3',
  hasStream: true,
  needsKey: false,
  create: (world) => {
    const rest = new BinanceRest(world);
    return {
      pingMs: PING_MS,
      answer: (request) => rest.answer(request),
      connect: (peer) => new BinanceSession(world, peer),
      refuseHandshake: ({ path }) =>
        path.startsWith('/ws') || path.startsWith('/stream') ? undefined : { status: 404, body: '404 page not found' },
      refusal: (kind) =>
        kind === 'server'
          ? { code: -1000, msg: 'An unknown error occurred while processing the request.' }
          : {
              code: -1003,
              msg: 'Too much request weight used; current limit is 6000 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.',
            },
      unknownShapes: [
        { stream: 'btcusdt@novelty', data: { e: 'novelty', E: 1, s: 'BTCUSDT', x: [1, { y: null }] } },
        { stream: '!serverNotice', data: { e: 'serverNotice', E: 1770123456789, text: 'notice' } },
        { e: 'trade', E: 'soon', s: ['BTCUSDT'], t: {}, p: 1, q: null, T: '?' },
        [],
        42,
      ],
    };
  },
};
