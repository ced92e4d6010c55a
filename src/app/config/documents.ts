import { ENVIRONMENT_KEYS } from './environment.ts';
import { ConfigSchema } from './schema.ts';
import { allowedValues, type KeyPath, type SchemaNode } from './schema-walk.ts';

const ROOT = ConfigSchema as unknown as SchemaNode;
const COLUMN = 100;

/** The configuration as JSON Schema, draft 7, for editors. Keys with a default are optional there. */
export function jsonSchema(): string {
  const relaxed = JSON.parse(JSON.stringify(ConfigSchema), (key, value: unknown) =>
    key === 'required' ? undefined : value,
  ) as object;
  const schema = { $schema: 'http://json-schema.org/draft-07/schema#', title: 'tickloom.yaml', ...relaxed };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** A configuration file with every key at its default and what it means: the commented example. */
export function exampleFile(): string {
  return [
    '# yaml-language-server: $schema=./schema/tickloom.schema.json',
    '#',
    '# Every key with its default. Copy this file to tickloom.yaml and keep what you change.',
    '# Stronger than this file, in this order: flags, environment variables, .env.',
    '',
    ...section(ROOT, 0),
    '',
  ].join('\n');
}

/** Every key as a Markdown table: default, what is allowed, the environment name where it has a short one, meaning. */
export function configurationTable(): string {
  const rows = keysOf(ROOT, []).map(([path, node]) => {
    const key = path.join('.');
    const name = Object.entries(ENVIRONMENT_KEYS).find(([, target]) => target === key)?.[0];
    const cells = [`\`${key}\``, `\`${yamlValue(node.default)}\``, allowedValues(node), node.description ?? ''];
    return [...cells, name === undefined ? '' : `\`${name}\``].map((cell) => cell.replaceAll('|', '\\|'));
  });
  const head = ['key', 'default', 'allowed', 'meaning', 'environment'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function keysOf(node: SchemaNode, prefix: KeyPath): (readonly [KeyPath, SchemaNode])[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const path = [...prefix, key];
    return child.properties === undefined ? [[path, child] as const] : keysOf(child, path);
  });
}

function section(node: SchemaNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const lines = comment(child, indent);
    if (child.properties !== undefined) return [...lines, `${indent}${key}:`, ...section(child, depth + 1)];
    return [...lines, `${indent}${key}: ${yamlValue(child.default)}`];
  });
}

function comment(node: SchemaNode, indent: string): string[] {
  const range = node.enum === undefined ? '' : ` One of: ${node.enum.join(', ')}.`;
  const words = `${node.description ?? ''}${range}`.split(' ');
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of words) {
    if (line.length + word.length + 1 > COLUMN) {
      lines.push(line);
      line = `${indent}#`;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function yamlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlValue).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return '{}';
  return typeof value === 'string' && !/^[A-Za-z0-9./_-]+$/.test(value) ? JSON.stringify(value) : String(value);
}
