import type { FastifyInstance } from 'fastify';
import type { ApiContext } from '../api-context.ts';
import { ProblemError } from '../problem.ts';
import type { BreakRequest } from '../protocol/index.ts';
import { BreakRequestSchema, BreakResultSchema } from '../schemas/wire-schemas.ts';
import { routeSchema } from './route-schema.ts';

/** "Break it yourself": only where the market is made up. */
export function addDemoRoutes(app: FastifyInstance, context: ApiContext): void {
  const schema = routeSchema({
    operationId: 'break_demo',
    summary: 'Break the demo feed on purpose and see it repaired (demo and simulated runs only)',
    tag: 'demo',
    body: BreakRequestSchema,
    answer: BreakResultSchema,
    problems: [403],
  });
  app.post('/api/v1/demo/break', { schema }, async (request) => {
    if (context.breakDemo === undefined) {
      throw new ProblemError(403, 'not_a_demo', 'Only a demo or simulated run can be broken on purpose.');
    }
    return context.breakDemo(request.body as BreakRequest);
  });
}
