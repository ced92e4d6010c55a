import { Ajv, type ErrorObject } from 'ajv';
import { UsageError } from '../../base/index.ts';
import { byStrength, type Origin, wordsOfVariable } from './environment.ts';
import { ConfigSchema, type TickloomConfig } from './schema.ts';
import {
  allowedValues,
  defaultLeaves,
  isPlainObject,
  type KeyPath,
  leavesOf,
  pathOf,
  type SchemaNode,
  schemaAt,
  typedValue,
} from './schema-walk.ts';
import { derivedFromStreaming } from './streaming-section.ts';
import { nearest } from './suggest.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

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
  /** Where the value at a path came from, as exactly as is known: for messages about it. Empty for defaults. */
  readonly placeOf: (path: KeyPath) => string;
}

/**
 * Puts the layers together: flag > environment > `.env` > file > default.
 * @throws UsageError that names file, line and column (or variable, or flag), the key, what was found and what is allowed.
 */
export function loadConfig(inputs: ConfigInputs): LoadedConfig {
  const layers = new Layers();
  for (const [path, value] of defaultLeaves(ROOT)) layers.put(path, value, 'default', '');
  const yaml = inputs.file === undefined ? undefined : putFile(inputs.file, layers);
  for (const name of byStrength(inputs.dotEnv.keys())) putVariable(name, inputs.dotEnv.get(name), '.env', layers);
  for (const name of byStrength(Object.keys(inputs.environment))) {
    putVariable(name, inputs.environment[name], 'env', layers);
  }
  for (const { key, value, flag } of inputs.flags) {
    const path = pathOf(ROOT, key.split('.'));
    layers.put(path, typedValue(schemaAt(ROOT, path), value), 'flag', flag);
  }
  for (const { path, value, from } of derivedFromStreaming(layers.nested())) layers.derive(path, value, from);
  const placeOf = (path: KeyPath): string => layers.placeOf(path, yaml);
  const config = layers.nested();
  validate(config, placeOf);
  return { config: config as unknown as TickloomConfig, entries: layers.entries(), placeOf };
}

interface Placed {
  readonly keys: KeyPath;
  readonly value: unknown;
  readonly origin: Origin;
  readonly where: string;
}

/** The leaves of all layers put on top of each other, weakest first. */
class Layers {
  private readonly leaves = new Map<string, Placed>();

  /** A leaf of a stronger layer replaces whatever a weaker one had at, above or below its path. */
  put(keys: KeyPath, value: unknown, origin: Origin, where: string): void {
    const own = identity(keys);
    for (const known of this.leaves.keys()) {
      if (known.startsWith(own) || own.startsWith(known)) this.leaves.delete(known);
    }
    this.leaves.set(own, { keys, value, origin, where });
  }

  /** A key that nobody set takes its value, and its origin, from another one. */
  derive(keys: KeyPath, value: unknown, from: KeyPath): void {
    if ((this.leaves.get(identity(keys))?.origin ?? 'default') !== 'default') return;
    const source = this.leaves.get(identity(from));
    if (source === undefined) return;
    this.put(keys, value, source.origin, `${source.where === '' ? '' : `${source.where} `}(${from.join('.')})`);
  }

  nested(): Record<string, unknown> {
    const root: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const { keys, value } of this.leaves.values()) {
      let node = root;
      for (const key of keys.slice(0, -1)) {
        if (!isPlainObject(node[key])) node[key] = Object.create(null);
        node = node[key] as Record<string, unknown>;
      }
      node[keys.at(-1) as string] = value;
    }
    return root;
  }

  entries(): readonly ConfigEntry[] {
    return [...this.leaves.values()]
      .map(({ keys, value, origin, where }) => ({ path: keys.join('.'), value, origin, where }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  placeOf(path: KeyPath, yaml: { readonly name: string; readonly file: YamlFile } | undefined): string {
    const own = identity(path);
    const at = [...this.leaves].find(([known]) => known.startsWith(own) || own.startsWith(known))?.[1];
    if (at?.origin !== 'file' || yaml === undefined) return at?.where ?? '';
    return `${yaml.name}:${yaml.file.position(path)}`;
  }
}

/** Keys as one text, in which no path is the beginning of another that it does not contain. */
function identity(keys: KeyPath): string {
  return keys.map((key) => `${key}\0`).join('');
}

function putFile(
  { name, text }: { readonly name: string; readonly text: string },
  layers: Layers,
): { readonly name: string; readonly file: YamlFile } | undefined {
  const file = readYaml(name, text);
  if (file.value === null || file.value === undefined) return undefined;
  if (!isPlainObject(file.value)) throw new UsageError(`${name}:1:1 a mapping of keys is expected.`, { subject: name });
  for (const [path, value] of leavesOf(file.value)) layers.put(path, value, 'file', `${name}:${file.position(path)}`);
  return { name, file };
}

function putVariable(name: string, text: string | undefined, origin: Origin, layers: Layers): void {
  const words = wordsOfVariable(name);
  if (words === undefined || text === undefined || text === '') return;
  const path = pathOf(ROOT, spelled(words));
  layers.put(path, typedValue(schemaAt(ROOT, path), text), origin, name);
}

/** The words of a variable as the schema spells them: known keys are lower case, symbols are not. */
function spelled(words: readonly string[]): readonly string[] {
  const path: string[] = [];
  for (const word of words) {
    const lower = word.toLowerCase();
    path.push(schemaAt(ROOT, [...path, lower]) === undefined && schemaAt(ROOT, [...path, word]) ? word : lower);
  }
  return path;
}

const check = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(ROOT);

function validate(config: unknown, placeOf: (path: KeyPath) => string): void {
  if (check(config)) return;
  const problems = (check.errors ?? []).map((error) => describe(error, placeOf));
  throw new UsageError([...new Set(problems)].join('\n'), { subject: 'configuration' });
}

function describe(error: ErrorObject, placeOf: (path: KeyPath) => string): string {
  const parent = error.instancePath.split('/').slice(1).map(unescapePointer);
  const extra = error.params['additionalProperty'] as string | undefined;
  const path = extra === undefined ? parent : [...parent, extra];
  const where = placeOf(path);
  const head = `${where === '' ? '' : `${where} `}${path.join('.')}`;
  if (extra !== undefined) return `${head}: ${unknownKey(extra, schemaAt(ROOT, parent))}`;
  const found = JSON.stringify(error.data)?.slice(0, 80);
  if (error.keyword === 'enum')
    return `${head}: found ${found}, allowed: ${(error.params['allowedValues'] as unknown[]).join(', ')}`;
  const node = schemaAt(ROOT, path);
  const hint = node === undefined ? '' : `; allowed: ${allowedValues(node)}`;
  return `${head}: found ${found}, ${error.message}${hint}`;
}

function unknownKey(key: string, node: SchemaNode | undefined): string {
  if (node?.patternProperties !== undefined) return `no such name; allowed: ${Object.keys(node.patternProperties)[0]}`;
  const known = Object.keys(node?.properties ?? {});
  const close = nearest(key, known);
  return `unknown key;${close === undefined ? '' : ` did you mean "${close}"?`} allowed: ${known.join(', ')}`;
}

function unescapePointer(text: string): string {
  return text.replace(/~1/g, '/').replace(/~0/g, '~');
}
