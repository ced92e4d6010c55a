import type { TSchema } from 'typebox';
import { ProblemSchema } from '../schemas/operation-schemas.ts';

export interface RouteDescription {
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: TSchema;
  readonly query?: TSchema;
  readonly body?: TSchema;
  readonly answer: TSchema;
  /** Content type of the answer; default `application/json`. */
  readonly contentType?: string;
  /** HTTP statuses of problem documents beside 400 and 429. */
  readonly problems?: readonly number[];
  /** Further statuses that carry the answer too. */
  readonly alsoAnswers?: readonly number[];
  readonly example?: unknown;
}

/** The Fastify schema of a route: what is checked, and what `/openapi.json` says. */
export function routeSchema(route: RouteDescription): object {
  const problem = (status: number) => [
    status,
    { description: 'Problem', content: { 'application/problem+json': { schema: ProblemSchema } } },
  ];
  const media = {
    schema: route.answer,
    ...(route.example === undefined ? {} : { examples: { example: { value: route.example } } }),
  };
  const answer = (status: number) => [
    status,
    { description: route.summary, content: { [route.contentType ?? 'application/json']: media } },
  ];
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    ...(route.params === undefined ? {} : { params: route.params }),
    ...(route.query === undefined ? {} : { querystring: route.query }),
    ...(route.body === undefined ? {} : { body: route.body }),
    response: Object.fromEntries([
      answer(200),
      ...(route.alsoAnswers ?? []).map(answer),
      ...[400, 429, ...(route.problems ?? [])].map(problem),
    ]),
  };
}
