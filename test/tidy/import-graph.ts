import { posix } from 'node:path';
import { lineAt, type SourceFile } from './source-files.ts';

/** One mention of another module. */
export interface ImportEdge {
  readonly from: string;
  /** Path from the repository root for a relative import, the bare specifier otherwise. */
  readonly to: string;
  readonly isRelative: boolean;
  /** True when nothing of it remains at run time. */
  readonly isTypeOnly: boolean;
  readonly line: number;
}

const STATIC = /(?:^|[;}\n])\s*(import|export)\s+(type\s+(?!from\b))?(?:[\w$*\s{},]*?\s*from\s*)?(['"])([^'"\n]+)\3/g;
const DYNAMIC = /\bimport\(\s*(['"])([^'"\n]+)\1/g;
/** Workers and data files are named by URL. */
const BY_URL = /\bnew URL\(\s*(['"])(\.{1,2}\/[^'"\n]+\.ts)\1\s*,\s*import\.meta\.url/g;

/** `siblingModule('lake-worker', import.meta.url)` of src/host names a worker beside the caller, without its extension. */
const SIBLING = /\bsiblingModule\(\s*(['"])([\w-]+)\1\s*,\s*import\.meta\.url/g;

function edge(file: SourceFile, specifier: string, offset: number, isTypeOnly: boolean): ImportEdge {
  const isRelative = specifier.startsWith('.');
  const to = isRelative ? posix.join(posix.dirname(file.path), specifier) : specifier;
  return { from: file.path, to, isRelative, isTypeOnly, line: lineAt(file.text, offset) };
}

/** Every import, re-export, dynamic import and worker URL of a file. */
export function importsOf(file: SourceFile): ImportEdge[] {
  const edges: ImportEdge[] = [];
  for (const match of file.code.matchAll(STATIC)) {
    const at = match.index + match[0].length - 1;
    // A match may begin inside a string (a planted violation in a rule's own test): there the bare code is blank.
    if (file.bareCode.slice(match.index, at).includes(match[1] as string)) {
      edges.push(edge(file, match[4] as string, at, match[2] !== undefined));
    }
  }
  for (const match of file.code.matchAll(DYNAMIC)) {
    if (file.bareCode.startsWith('import(', match.index))
      edges.push(edge(file, match[2] as string, match.index, false));
  }
  for (const match of file.code.matchAll(BY_URL)) {
    if (file.bareCode.startsWith('new URL(', match.index))
      edges.push(edge(file, match[2] as string, match.index, false));
  }
  for (const match of file.code.matchAll(SIBLING)) {
    if (file.bareCode.startsWith('siblingModule(', match.index))
      edges.push(edge(file, `./${match[2]}.ts`, match.index, false));
  }
  return edges;
}

/** Paths reachable from the entries, entries included. `neighbours` gives the edges of a path. */
export function reachableFrom(entries: Iterable<string>, neighbours: (path: string) => readonly string[]): Set<string> {
  const seen = new Set<string>(entries);
  const open = [...seen];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const next of neighbours(path)) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return seen;
}
