/** What of a JSON Schema node this program reads. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
}

/** Path and value of a configuration leaf: everything that is no object is a leaf. */
export type Leaf = readonly [path: string, value: unknown];

/** The schema at a dotted path, `undefined` where the path leads nowhere. */
export function schemaAt(root: SchemaNode, path: readonly string[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const key of path) node = node?.properties?.[key] ?? recordValue(node, key);
  return node;
}

function recordValue(node: SchemaNode | undefined, key: string): SchemaNode | undefined {
  for (const [pattern, value] of Object.entries(node?.patternProperties ?? {})) {
    if (new RegExp(pattern).test(key)) return value;
  }
  return undefined;
}

/** Every key of the schema that has a default, with it. */
export function defaultLeaves(node: SchemaNode, prefix = ''): Leaf[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]): Leaf[] => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    if (child.properties !== undefined) return defaultLeaves(child, path);
    return child.default === undefined ? [] : [[path, child.default]];
  });
}

/** The leaves of a value; an empty object is a leaf of its own. */
export function leavesOf(value: unknown, prefix = ''): Leaf[] {
  if (!isPlainObject(value) || Object.keys(value).length === 0) return prefix === '' ? [] : [[prefix, value]];
  return Object.entries(value).flatMap(([key, child]) => leavesOf(child, prefix === '' ? key : `${prefix}.${key}`));
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

/** What a key may be, in words, for error messages. */
export function allowedValues(node: SchemaNode): string {
  if (node.enum !== undefined) return node.enum.join(', ');
  if (node.properties !== undefined) return Object.keys(node.properties).join(', ');
  if (node.type === 'array') return `a list of ${node.items === undefined ? 'values' : (node.items.type ?? 'values')}s`;
  return node.type ?? 'another value';
}
