import type { ProblemDocument } from './protocol/index.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** A field that is wrong: `pointer` is a JSON pointer to a member of the body, a query parameter or a path parameter. */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

/** A failure with the HTTP answer it stands for (RFC 9457). */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly FieldProblem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    detail: string,
    options: { errors?: readonly FieldProblem[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.name = 'ProblemError';
    this.status = status;
    this.code = code;
    this.errors = options.errors ?? [];
    this.headers = options.headers ?? {};
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  413: 'Content too large',
  414: 'URI too long',
  415: 'Unsupported media type',
  421: 'Misdirected request',
  426: 'Upgrade required',
  429: 'Too many requests',
  431: 'Request header fields too large',
  500: 'Internal error',
  503: 'Service unavailable',
};

/** The document for a failure. `type` is `about:blank`: the `code` says what happened. */
export function problemDocument(
  status: number,
  code: string,
  detail: string,
  errors: readonly FieldProblem[] = [],
): ProblemDocument {
  return {
    type: 'about:blank',
    title: TITLES[status] ?? 'Error',
    status,
    detail,
    code,
    ...(errors.length === 0 ? {} : { errors }),
  };
}

/** A 400 that names one field. */
export function fieldProblem(pointer: string, code: string, detail: string): ProblemError {
  return new ProblemError(400, code, detail, { errors: [{ pointer, detail }] });
}
