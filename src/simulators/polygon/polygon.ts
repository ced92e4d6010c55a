import type { SimulatorDefinition } from '../provider.ts';
import { PolygonRest } from './polygon-rest.ts';
import { PolygonSession } from './polygon-stream.ts';

const CLUSTERS = /^\/(stocks|crypto|forex|indices|options)\/?$/;

/** Polygon (Massive): stocks and crypto streams, aggregates, trades and quotes over REST. */
export const polygonSimulator: SimulatorDefinition = {
  name: 'polygon',
  summary: 'Polygon/Massive: T, Q, A, AM and status streams, REST aggregates, trades and quotes',
  hasStream: true,
  needsKey: true,
  create: (world) => {
    const rest = new PolygonRest(world);
    return {
      answer: (request) => rest.answer(request),
      connect: (peer) => new PolygonSession(world, peer),
      refuseHandshake: ({ path }) => (CLUSTERS.test(path) ? undefined : { status: 404, body: { status: 'NOT_FOUND' } }),
      refusal: (kind) => ({
        status: 'ERROR',
        request_id: '0',
        error:
          kind === 'server'
            ? 'Internal server error'
            : "You've exceeded the maximum requests per minute, please wait or upgrade your subscription to continue. https://polygon.io/pricing",
      }),
      unknownShapes: [
        [{ ev: 'ZZ', sym: 'MSFT', novelty: { a: [1, 2] } }],
        [{ ev: 'T', symbol: 'MSFT', price: 'one' }],
        { ev: 'status', status: 'novelty', message: 'not in an array' },
        [[]],
        42,
      ],
    };
  },
};
