import { maskSecret } from './config/index.ts';
import type { ActionContext } from './options.ts';

/** A key whose value is shown masked whatever it holds. */
const SECRET_KEY = /key|secret|token|password|credential/i;
/** User and password inside a URL. */
const URL_CREDENTIALS = /\/\/[^/@\s]+@/g;

export async function runConfigCheck(context: ActionContext): Promise<number> {
  const set = context.entries.filter((entry) => entry.origin !== 'default').length;
  context.stdout.write(`configuration is valid: ${context.entries.length} keys, ${set} set, the rest default\n`);
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
    ...[...context.secrets].map(([name, value]) => ({
      key: name,
      value: maskSecret(value),
      origin: 'secret',
      where: name,
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
  if (typeof value !== 'string') return value;
  return SECRET_KEY.test(path) ? maskSecret(value) : value.replace(URL_CREDENTIALS, '//…@');
}
