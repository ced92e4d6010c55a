import { configurationNotes, maskSecret } from './config/index.ts';
import type { ActionContext } from './options.ts';

/** A key whose value is shown masked whatever it holds. */
const SECRET_KEY = /(^|[._])(key|secret|token|password|credential)s?($|[._])/i;
/** User and password inside a URL. */
const URL_CREDENTIALS = /\/\/[^/@\s]+@/g;

/** Says that the configuration is valid (whoever gets here has one that is), and what of it has no effect. */
export async function runConfigCheck(context: ActionContext): Promise<number> {
  const set = context.entries.filter((entry) => entry.origin !== 'default').length;
  context.stdout.write(`configuration is valid: ${context.entries.length} keys, ${set} set, the rest default\n`);
  for (const note of configurationNotes(context.entries)) context.stderr.write(`note: ${note}\n`);
  return 0;
}

/** Prints the effective configuration; secrets appear by name with a mask, never by value. */
export async function runConfigPrint(context: ActionContext, options: { readonly json: boolean }): Promise<number> {
  const rows = [
    ...context.entries.map(({ path, value, origin, where }) => ({
      key: path,
      value: safeValue(path, value),
      origin,
      where,
    })),
    ...[...context.secrets].map(([name, secret]) => ({
      key: name,
      value: secret.toString(),
      origin: secret.origin,
      where: secret.where,
    })),
  ];
  if (options.json) {
    context.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    return 0;
  }
  const width = Math.max(...rows.map((row) => row.key.length));
  for (const row of rows) {
    const origin = row.where === '' ? row.origin : `${row.origin} ${row.where}`;
    context.stdout.write(`${row.key.padEnd(width)}  ${JSON.stringify(row.value)}  # ${origin}\n`);
  }
  return 0;
}

function safeValue(path: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => safeValue(path, item));
  if (typeof value !== 'string') return value;
  return SECRET_KEY.test(path) ? maskSecret(value) : value.replace(URL_CREDENTIALS, '//…@');
}
