import { Ajv, type ErrorObject } from 'ajv';
import formats from 'ajv-formats';
import { UsageError } from '../../base/index.ts';
import { keyOfVariable, type Origin } from './environment.ts';
import { ConfigSchema, type TickloomConfig } from './schema.ts';
import {
  allowedValues,
  defaultLeaves,
  isPlainObject,
  leavesOf,
  type SchemaNode,
  schemaAt,
  typedValue,
} from './schema-walk.ts';
import { nearest } from './suggest.ts';
import { readYaml } from './yaml-file.ts';

const ROOT = ConfigSchema as unknown as SchemaNode;

/** Everything that configuration is made of; reading it from the machine is the caller's part. */
export interface ConfigInputs {
  /** `--set` pairs and the flags that stand for a key, in order. */
  readonly flags: readonly { readonly key: string; readonly value: string; readonly flag: string }[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Content of `.env`, already parsed. */
  readonly dotEnv: ReadonlyMap<string, string>;
  /** The configuration file, when there is one. */
  readonly file?: { readonly name: string; readonly text: string };
}

/** One key of the effective configuration. */
export interface ConfigEntry {
  readonly path: string;
  readonly value: unknown;
  readonly origin: Origin;
  /** `tickloom.yaml:14:3`, a variable name or a flag; empty for defaults. */
  readonly where: string;
}

export interface LoadedConfig {
  readonly config: TickloomConfig;
  readonly entries: readonly ConfigEntry[];
}

/**
 * Puts the layers together: flag > environment > `.env` > file > default.
 * @throws UsageError that names file, line and column (or variable, or flag), the key, what was found and what is allowed.
 */
export function loadConfig(inputs: ConfigInputs): LoadedConfig {
  const entries = new Map<string, ConfigEntry>();
  const put = (path: string, value: unknown, origin: Origin, where: string): void => {
    // A leaf of a stronger layer replaces whatever a weaker one had at, above or below that path.
    for (const known of entries.keys()) {
      if (known.startsWith(`${path}.`) || path.startsWith(`${known}.`)) entries.delete(known);
    }
    entries.set(path, { path, value, origin, where });
  };
  for (const [path, value] of defaultLeaves(ROOT)) put(path, value, 'default', '');
  if (inputs.file !== undefined) putFile(inputs.file, put);
  for (const [name, text] of inputs.dotEnv) putVariable(name, text, '.env', put);
  for (const [name, text] of Object.entries(inputs.environment)) {
    if (text !== undefined) putVariable(name, text, 'env', put);
  }
  for (const { key, value, flag } of inputs.flags) {
    put(key, typedValue(schemaAt(ROOT, key.split('.')), value), 'flag', flag);
  }
  const config = nested(entries.values());
  validate(config, entries);
  return {
    config: config as unknown as TickloomConfig,
    entries: [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

type Put = (path: string, value: unknown, origin: Origin, where: string) => void;

function putFile(file: { readonly name: string; readonly text: string }, put: Put): void {
  const yaml = readYaml(file.name, file.text);
  if (yaml.value === null || yaml.value === undefined) return;
  if (!isPlainObject(yaml.value))
    throw new UsageError(`${file.name}:1:1 a mapping of keys is expected.`, { subject: file.name });
  for (const [path, value] of leavesOf(yaml.value)) {
    put(path, value, 'file', `${file.name}:${yaml.position(path.split('.'))}`);
  }
}

function putVariable(name: string, text: string, origin: Origin, put: Put): void {
  const key = keyOfVariable(name);
  if (key !== undefined && text !== '') put(key, typedValue(schemaAt(ROOT, key.split('.')), text), origin, name);
}

function nested(entries: Iterable<ConfigEntry>): Record<string, unknown> {
  const root: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const { path, value } of entries) {
    const keys = path.split('.');
    let node = root;
    for (const key of keys.slice(0, -1)) {
      if (!isPlainObject(node[key])) node[key] = Object.create(null);
      node = node[key] as Record<string, unknown>;
    }
    node[keys.at(-1) as string] = value;
  }
  return root;
}

const ajv = new Ajv({ allErrors: true, strict: false, verbose: true });
formats.default(ajv);
const check = ajv.compile(ROOT);

function validate(config: unknown, entries: ReadonlyMap<string, ConfigEntry>): void {
  if (check(config)) return;
  const problems = (check.errors ?? []).map((error) => describe(error, entries));
  throw new UsageError([...new Set(problems)].join('\n'), { subject: 'configuration' });
}

function describe(error: ErrorObject, entries: ReadonlyMap<string, ConfigEntry>): string {
  const parent = error.instancePath.split('/').slice(1).map(unescapePointer);
  const extra = error.params['additionalProperty'] as string | undefined;
  const path = extra === undefined ? parent : [...parent, extra];
  const where = placeOf(path, entries);
  const head = `${where === '' ? '' : `${where} `}${path.join('.')}`;
  if (extra !== undefined) {
    const known = Object.keys(schemaAt(ROOT, parent)?.properties ?? {});
    const close = nearest(extra, known);
    return `${head}: unknown key${close === undefined ? '' : `; did you mean "${close}"?`} allowed: ${known.join(', ')}`;
  }
  if (error.keyword === 'required') return `${head}: ${error.message}`;
  const found = JSON.stringify(error.data);
  const node = schemaAt(
    ROOT,
    path.filter((key) => !/^\d+$/.test(key)),
  );
  if (error.keyword === 'enum')
    return `${head}: found ${found}, allowed: ${(error.params['allowedValues'] as unknown[]).join(', ')}`;
  const hint = error.keyword === 'type' && node !== undefined ? `; allowed: ${allowedValues(node)}` : '';
  return `${head}: found ${found?.slice(0, 80)}, ${error.message}${hint}`;
}

function unescapePointer(text: string): string {
  return text.replace(/~1/g, '/').replace(/~0/g, '~');
}

function placeOf(path: readonly string[], entries: ReadonlyMap<string, ConfigEntry>): string {
  for (let length = path.length; length > 0; length--) {
    const prefix = path.slice(0, length).join('.');
    const exact = entries.get(prefix);
    if (exact !== undefined) return exact.where;
    if (length === path.length) {
      for (const entry of entries.values())
        if (entry.path.startsWith(`${prefix}.`) && entry.where !== '') return entry.where;
    }
  }
  return '';
}
