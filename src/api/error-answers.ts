import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TickloomError } from '../base/index.ts';
import type { Log } from '../host/index.ts';
import { type FieldProblem, PROBLEM_TYPE, ProblemError, problemDocument } from './problem.ts';
import type { RouteTable } from './route-table.ts';
import { hasDashboard, isPageRequest, sendPage } from './routes/dashboard-routes.ts';

/** Codes of the web framework that mean a bad request, with what we say about them. */
const KNOWN: Readonly<Record<string, { readonly status: number; readonly code: string; readonly detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'body_too_large', detail: 'The body is larger than allowed.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'bad_media_type',
    detail: 'A body is JSON with Content-Type: application/json.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'bad_content_length',
    detail: 'The body is not as long as Content-Length says.',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, code: 'bad_json', detail: 'The body is empty; JSON is needed.' },
};

/** Errors as problem documents: no stack traces and no paths of the machine leave it. */
export function addErrorAnswers(
  app: FastifyInstance,
  options: {
    readonly log: Log;
    readonly routes: RouteTable;
    readonly dashboardDir: string | undefined;
    refused(limit: string): void;
  },
): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error);
    if (problem.status === 413) options.refused('bodyBytes');
    if (problem.status >= 500) {
      options.log.error('api.failed', 'A request failed.', { method: request.method, route: routeOf(request), error });
    }
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] as string;
    const methods = options.routes.methodsOf(path);
    if (methods.length > 0) {
      const allow = methods.join(', ');
      const detail = `${request.method} is not offered here; allowed: ${allow}.`;
      return sendProblem(reply, new ProblemError(405, 'method_not_allowed', detail, { headers: { allow } }));
    }
    if (options.dashboardDir !== undefined && isPageRequest(request)) return sendPage(reply);
    const isBare = path === '/' && (options.dashboardDir === undefined || !hasDashboard(options.dashboardDir));
    const detail = isBare
      ? 'The dashboard is not built: run npm run build:web. The API is described at /docs.'
      : 'There is nothing at this path; /openapi.json lists what there is.';
    return sendProblem(reply, new ProblemError(404, 'not_found', detail));
  });
}

export function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? '(none)';
}

export function sendProblem(reply: FastifyReply, problem: ProblemError): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemDocument(problem.status, problem.code, problem.message, problem.errors)));
}

function problemOf(error: FastifyError): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error.validation !== undefined) return validationProblem(error);
  if ((error as Error) instanceof TickloomError) return tickloomProblem(error);
  const known = KNOWN[error.code];
  if (known !== undefined) return new ProblemError(known.status, known.code, known.detail);
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return new ProblemError(status, 'bad_request', 'The request cannot be read.');
  return new ProblemError(500, 'internal_error', 'The server failed at this request; its log says more.');
}

function validationProblem(error: FastifyError): ProblemError {
  const where = error.validationContext === 'params' ? 'the path' : (error.validationContext ?? 'the request');
  const errors = (error.validation ?? []).map((issue): FieldProblem => {
    const params = issue.params as { additionalProperty?: string; missingProperty?: string; allowedValue?: unknown };
    const member = params.additionalProperty ?? params.missingProperty;
    const pointer = member === undefined ? issue.instancePath : `${issue.instancePath}/${escapePointer(member)}`;
    if (params.additionalProperty !== undefined) return { pointer, detail: 'is not known here' };
    const allowed = params.allowedValue === undefined ? '' : ` ${JSON.stringify(params.allowedValue)}`;
    return { pointer: pointer === '' ? '/' : pointer, detail: `${issue.message ?? 'is not valid'}${allowed}` };
  });
  const fields = [...new Set(errors.map(({ pointer }) => pointer))].join(', ');
  return new ProblemError(400, 'invalid_request', `Not valid in ${where}: ${fields}.`, { errors });
}

/** Our own coded errors: what begins with `bad-` is the caller's, and names its field. */
function tickloomProblem(error: FastifyError): ProblemError {
  const { code, subject, message } = error as unknown as TickloomError;
  if (!code.startsWith('bad-')) {
    return new ProblemError(500, 'internal_error', 'The server failed at this request; its log says more.');
  }
  const errors = subject === undefined ? [] : [{ pointer: `/${escapePointer(subject)}`, detail: message }];
  return new ProblemError(400, code.replaceAll('-', '_'), message, { errors });
}

function escapePointer(member: string): string {
  return member.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1');
}
