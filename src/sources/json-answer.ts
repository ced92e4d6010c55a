import type { HttpAnswer } from '../host/index.ts';
import type { Refusal, RowOutlet } from './adapter.ts';
import { parseExact } from './exact-json.ts';

/** An object of JSON whose fields nobody has looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Error bodies are short; a longer answer with status 200 is data and is not read twice. */
const LONGEST_ERROR = 8_192;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The body of a good answer; what is no JSON is rejected. @param isExact keep integers beyond 2^53, as text */
export function readBody(answer: HttpAnswer, out: RowOutlet, isExact = false): unknown {
  try {
    return isExact ? parseExact(answer.text) : (JSON.parse(answer.text) as unknown);
  } catch {
    // The text itself goes to quarantine.
    out.reject('bad-frame', 'an answer that is no JSON', answer.text);
    return undefined;
  }
}

/** The same where only an object makes sense. */
export function readObject(answer: HttpAnswer, out: RowOutlet, isExact = false): JsonObject | undefined {
  const body = readBody(answer, out, isExact);
  if (body === undefined || isObject(body)) return body;
  out.reject('unknown-shape', 'an answer that is no object', answer.text);
  return undefined;
}

/** The object in a body that may be an error; `undefined` for long bodies and for anything that is no object. */
export function errorBody(answer: HttpAnswer): JsonObject | undefined {
  if (answer.text.length > LONGEST_ERROR || !answer.text.trimStart().startsWith('{')) return undefined;
  try {
    const body: unknown = JSON.parse(answer.text);
    return isObject(body) ? body : undefined;
  } catch {
    // Firewalls and proxies answer in HTML; the status says enough.
    return undefined;
  }
}

/** How long an answer asks to wait: `Retry-After` in seconds or as a date, against the answer's own clock. */
export function retryAfter(answer: HttpAnswer): { readonly retryAfterMs?: number } {
  const text = answer.headers['retry-after'];
  if (text === undefined) return {};
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return { retryAfterMs: Math.max(0, seconds) * 1_000 };
  const waitMs = Date.parse(text) - Date.parse(answer.headers.date ?? '');
  return Number.isFinite(waitMs) ? { retryAfterMs: Math.max(0, waitMs) } : {};
}

/** What a status alone tells, for bodies that say nothing. */
export function refusalOfStatus(answer: HttpAnswer, message: string | undefined, code?: string): Refusal {
  const { status } = answer;
  const refusal = { code: code ?? String(status), message: message ?? `HTTP ${status}` };
  if (status === 429) return { ...refusal, remedy: 'wait', ...retryAfter(answer) };
  if (status >= 500 || status === 408 || status === 425) return { ...refusal, remedy: 'retry', ...retryAfter(answer) };
  if (status === 404 || status === 422) return { ...refusal, remedy: 'symbol' };
  return { ...refusal, remedy: 'stop' };
}
