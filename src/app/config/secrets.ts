import { SECRET_NAMES } from './environment.ts';

/** Reads the text of a file named by a `NAME_FILE` variable. */
export type ReadText = (path: string) => string;

/**
 * The secrets that are set, by name. `NAME` wins over `NAME_FILE` (container secrets), the process environment over
 * `.env`. They never enter the configuration, its print or a log; whoever needs one asks for it by name.
 */
export function readSecrets(
  environment: Readonly<Record<string, string | undefined>>,
  dotEnv: ReadonlyMap<string, string>,
  readText: ReadText,
): ReadonlyMap<string, string> {
  const secrets = new Map<string, string>();
  for (const name of SECRET_NAMES) {
    const direct = environment[name] ?? dotEnv.get(name);
    const file = environment[`${name}_FILE`] ?? dotEnv.get(`${name}_FILE`);
    if (direct !== undefined && direct !== '') secrets.set(name, direct);
    else if (file !== undefined && file !== '') secrets.set(name, readText(file).trim());
  }
  return secrets;
}

/** `tk…4f` for a long secret, `set` for a short one: enough to recognise, too little to use. */
export function maskSecret(value: string): string {
  return value.length >= 16 ? `${value.slice(0, 2)}…${value.slice(-2)}` : 'set';
}
