/** What of a JSON Schema node this program reads. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Keys from the root to a value. */
export type KeyPath = readonly string[];

/** Path and value of a configuration leaf: everything that is no object is a leaf. */
export type Leaf = readonly [path: KeyPath, value: unknown];

/** The schema at a path, `undefined` where the path leads nowhere. List positions are keys of digits. */
export function schemaAt(root: SchemaNode, path: KeyPath): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const key of path) {
    node = node?.items !== undefined && /^\d+$/.test(key) ? node.items : (node?.properties?.[key] ?? record(node, key));
  }
  return node;
}

/** The schema of a record's value, where `key` may be a key of that record. */
function record(node: SchemaNode | undefined, key: string): SchemaNode | undefined {
  for (const [pattern, value] of Object.entries(node?.patternProperties ?? {})) {
    if (new RegExp(pattern).test(key)) return value;
  }
  return undefined;
}

/**
 * The keys that a dotted text means. The keys of a record may hold dots themselves (`instruments.BRK.B.currency`): one
 * reaches as far as the first word that its value knows.
 */
export function pathOf(root: SchemaNode, words: readonly string[]): KeyPath {
  const path: string[] = [];
  let node: SchemaNode | undefined = root;
  for (let i = 0; i < words.length; i++) {
    let key = words[i] as string;
    const value = node?.patternProperties === undefined ? undefined : Object.values(node.patternProperties)[0];
    if (value?.properties !== undefined) {
      const known = value.properties;
      const end = words.findIndex((word, k) => k > i && Object.hasOwn(known, word));
      if (end > i + 1) {
        key = words.slice(i, end).join('.');
        i = end - 1;
      }
    }
    path.push(key);
    node = schemaAt(node ?? {}, [key]);
  }
  return path;
}

/** Every key of the schema that has a default, with it. */
export function defaultLeaves(node: SchemaNode, prefix: KeyPath = []): Leaf[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]): Leaf[] => {
    const path = [...prefix, key];
    if (child.properties !== undefined) return defaultLeaves(child, path);
    return child.default === undefined ? [] : [[path, child.default]];
  });
}

/** The leaves of a value; an empty object is a leaf of its own. */
export function leavesOf(value: unknown, prefix: KeyPath = []): Leaf[] {
  if (!isPlainObject(value) || Object.keys(value).length === 0) return prefix.length === 0 ? [] : [[prefix, value]];
  return Object.entries(value).flatMap(([key, child]) => leavesOf(child, [...prefix, key]));
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads a text (flag, variable) as the schema wants it; what does not fit stays text, and validation names it. */
export function typedValue(node: SchemaNode | undefined, text: string): unknown {
  switch (node?.type) {
    case 'integer':
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      return /^(true|yes|on|1)$/i.test(text) ? true : /^(false|no|off|0)$/i.test(text) ? false : text;
    case 'array':
      return text
        .replace(/^\[|\]$/g, '')
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '')
        .map((item) => typedValue(node.items, item));
    default:
      return text;
  }
}

/** What a key may be, in words, for error messages and the documentation. */
export function allowedValues(node: SchemaNode): string {
  if (node.enum !== undefined) return node.enum.join(', ');
  if (node.properties !== undefined) return Object.keys(node.properties).join(', ') || 'a mapping of keys';
  if (node.patternProperties !== undefined) return 'a mapping of names';
  if (node.items !== undefined) return `a list, each ${allowedValues(node.items)}`;
  if (node.pattern !== undefined) return `text that matches ${node.pattern}`;
  if (node.type === 'boolean') return 'true, false';
  if (node.type === 'integer' || node.type === 'number') {
    return `${node.type === 'integer' ? 'a whole number' : 'a number'} from ${node.minimum} to ${node.maximum}`;
  }
  return 'text';
}
