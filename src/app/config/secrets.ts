import { UsageError } from '../../base/index.ts';
import { MISNAMED_SECRETS, type Origin, SECRET_NAMES, webhookSecretNames } from './environment.ts';

/** Reads the text of a file named by a `NAME_FILE` variable. */
type ReadText = (path: string) => string;

/** Shorter ones are not shown even in part. */
const RECOGNISABLE_LENGTH = 16;

/** A secret that shows only its mask to whoever prints it, logs it or turns it into JSON. */
export class Secret {
  readonly #value: string;
  readonly origin: Origin;
  /** The variable that holds it, or that names its file. */
  readonly where: string;

  constructor(value: string, origin: Origin, where: string) {
    this.#value = value;
    this.origin = origin;
    this.where = where;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return maskSecret(this.#value);
  }

  toJSON(): string {
    return maskSecret(this.#value);
  }
}

/**
 * The secrets that are set, by name. The process environment wins over `.env`, and in each `NAME` over `NAME_FILE` (the
 * way of container secrets). They never enter the configuration; whoever needs one asks for it by name.
 * @throws UsageError naming the variable whose file can not be read.
 */
export function readSecrets(
  environment: Readonly<Record<string, string | undefined>>,
  dotEnv: ReadonlyMap<string, string>,
  readText: ReadText,
): ReadonlyMap<string, Secret> {
  const layers: readonly (readonly [Origin, (name: string) => string | undefined])[] = [
    ['env', (name) => environment[name]],
    ['.env', (name) => dotEnv.get(name)],
  ];
  const secrets = new Map<string, Secret>();
  // Under a wrong name a secret is one all the same: it is masked, and found by whoever misses it.
  const webhooks = webhookSecretNames([...Object.keys(environment), ...dotEnv.keys()]);
  for (const name of [...SECRET_NAMES, ...webhooks, ...Object.keys(MISNAMED_SECRETS)]) {
    for (const [origin, get] of layers) {
      const found = readSecret(name, origin, get, readText);
      if (found === undefined) continue;
      secrets.set(name, found);
      break;
    }
  }
  return secrets;
}

function readSecret(
  name: string,
  origin: Origin,
  get: (name: string) => string | undefined,
  readText: ReadText,
): Secret | undefined {
  const direct = get(name);
  if (direct !== undefined && direct !== '') return new Secret(direct, origin, name);
  const where = `${name}_FILE`;
  const file = get(where);
  if (file === undefined || file === '') return undefined;
  try {
    return new Secret(readText(file).trim(), origin, where);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${where} ${reason}`, { subject: where, cause: error });
  }
}

/** `tk…4f` for a long secret, `set` for a short one: enough to recognise, too little to use. */
export function maskSecret(value: string): string {
  return value.length >= RECOGNISABLE_LENGTH ? `${value.slice(0, 2)}…${value.slice(-2)}` : 'set';
}
