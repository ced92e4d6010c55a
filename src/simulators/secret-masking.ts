import type { RestRequest } from './provider.ts';

/** Query parameters and headers that hold keys: the log tells that they were there. */
const SECRET_PARAMETERS = ['apikey', 'apiKey', 'api_key', 'token', 'x_cg_demo_api_key', 'x_cg_pro_api_key'];

/** The path and query as the log may have it. */
export function maskedUrl({ path, query }: RestRequest): string {
  const shown = new URLSearchParams(query);
  for (const name of SECRET_PARAMETERS) if (shown.has(name)) shown.set(name, '***');
  const text = shown.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** A client's message as the log may have it: fields that are named like secrets are masked. */
export function maskedFields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(fields, (name, value: unknown) => (SECRET_FIELD.test(name) ? '***' : value));
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

const SECRET_FIELD = /^(key|secret|token|password|api_?key)$/i;
