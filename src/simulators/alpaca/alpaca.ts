import { headerText } from '../json-frame.ts';
import type { SimulatorDefinition } from '../provider.ts';
import { codecOf } from './alpaca-codec.ts';
import { AlpacaRest } from './alpaca-rest.ts';
import { AlpacaSession } from './alpaca-stream.ts';

const STOCKS = /^\/(v2\/(sip|iex|delayed_sip|test)|v1beta1\/(boats|overnight))$/;
const CRYPTO = /^\/v1beta3\/crypto\/[\w-]+$/;

/** Alpaca market data: stocks and crypto streams in JSON or msgpack, REST history with pages. */
export const alpacaSimulator: SimulatorDefinition = {
  name: 'alpaca',
  summary: 'Alpaca: v2/{sip,iex,test} and v1beta3/crypto streams (JSON, msgpack), REST v2',
  hasStream: true,
  needsKey: true,
  create: (world) => {
    const rest = new AlpacaRest(world);
    return {
      answer: (request) => rest.answer(request),
      connect: (peer) => new AlpacaSession(world, peer, CRYPTO.test(peer.request.path)),
      refuseHandshake: ({ path }) =>
        STOCKS.test(path) || CRYPTO.test(path) ? undefined : { status: 404, body: { message: 'not found' } },
      refusal: (kind) => ({ message: kind === 'server' ? 'internal server error' : 'too many requests.' }),
      unknownShapes: [
        [{ T: 'zz', S: 'AAPL', novelty: { a: [1, 2] } }],
        [{ T: 't', symbol: 'AAPL', price: 'one', t: 5 }],
        { T: 't', S: 'AAPL' },
        [[]],
        42,
      ],
      encodeShape: (shape, request) => codecOf(headerText(request.headers['content-type'])).encode(shape as unknown[]),
    };
  },
};
