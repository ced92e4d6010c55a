import type { SimulatorDefinition } from '../provider.ts';
import { failure, keyOf, TwelvedataRest } from './twelvedata-rest.ts';
import { TwelvedataSession } from './twelvedata-stream.ts';

const LIMIT_TEXT =
  'You have run out of API credits for the current minute. 9 API credits were used, with the current limit being 8. Wait for the next minute or consider switching to a higher tier plan at https://twelvedata.com/pricing';

/** Twelve Data: price stream, time series (single and batch) and quotes. */
export const twelvedataSimulator: SimulatorDefinition = {
  name: 'twelvedata',
  summary: 'Twelve Data: price stream, REST time series (batch too), quote, price',
  hasStream: true,
  needsKey: true,
  create: (world) => {
    const rest = new TwelvedataRest(world);
    return {
      answer: (request) => rest.answer(request),
      connect: (peer) => new TwelvedataSession(world, peer),
      refuseHandshake(request) {
        if (!world.keys.accepts(keyOf(request))) {
          return { status: 401, body: failure(401, '**apikey** parameter is incorrect or not specified.') };
        }
        return world.hasRoom() ? undefined : { status: 429, body: failure(429, 'Too many connections.') };
      },
      refusal: (kind) => (kind === 'server' ? failure(500, 'Internal server error') : failure(429, LIMIT_TEXT)),
      unknownShapes: [
        { event: 'novelty', data: { a: [1, 2] } },
        { event: 'price', symbol: 7, price: 'one' },
        { event: 'price', data: [{ symbol: 'AAPL' }] },
        [],
        42,
      ],
    };
  },
};
