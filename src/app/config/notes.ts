import type { ConfigEntry } from './load.ts';
import { ConfigSchema, NO_EFFECT } from './schema.ts';
import { type SchemaNode, schemaAt } from './schema-walk.ts';

const ROOT = ConfigSchema as unknown as SchemaNode;

/** What is set and has no effect in this version, a sentence each. */
export function configurationNotes(entries: readonly ConfigEntry[]): readonly string[] {
  return entries
    .filter((entry) => entry.origin !== 'default' && isWithoutEffect(entry.path.split('.')))
    .map(({ path, where }) => `${where} ${path} is read and checked, but has no effect in this version.`);
}

function isWithoutEffect(path: readonly string[]): boolean {
  return path.some((_, i) => schemaAt(ROOT, path.slice(0, i + 1))?.description?.startsWith(NO_EFFECT) === true);
}
