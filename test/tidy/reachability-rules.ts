import { posix } from 'node:path';
import { importsOf, reachableFrom } from './import-graph.ts';
import type { SourceFile, Violation } from './source-files.ts';

/** Files that are started rather than imported. */
const ENTRIES = [
  /^bin\/tickloom\.mjs$/,
  /^src\/app\/cli\.ts$/,
  /^web\/main\.ts$/,
  /^bench\/run\.ts$/,
  /^test\/golden\/run\.ts$/,
  /\.test\.ts$/,
  /\.config\.ts$/,
];

/** Folders whose implementations are found through a registry, one file and one line each, and how these files are named. */
const FAMILIES: readonly { readonly folder: string; readonly implementation: RegExp }[] = [
  { folder: 'src/indicators', implementation: /\.ts$/ },
  { folder: 'src/patterns/candlesticks', implementation: /\/(?!candle)[a-z-]+\.ts$/ },
  { folder: 'src/patterns/charts', implementation: /charts\/(?!chart-|formation|track-)[a-z-]+\.ts$/ },
  { folder: 'src/stores', implementation: /-store\.ts$/ },
  { folder: 'src/sources', implementation: /\.ts$/ },
  { folder: 'src/simulators', implementation: /\/([a-z]+)\/\1\.ts$/ },
];

type Graph = ReadonlyMap<string, readonly string[]>;

function graphOf(files: readonly SourceFile[]): Graph {
  return new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter((edge) => edge.isRelative)
        .map((edge) => edge.to),
    ]),
  );
}

function isTypeScript(path: string): boolean {
  return /^(src|web|bench|test)\/.*\.ts$/.test(path) && !path.endsWith('.d.ts');
}

/** The scripts that a page of the dashboard loads. */
function pageScripts(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => /^web\/.*\.html$/.test(file.path))
    .flatMap((file) =>
      [...file.text.matchAll(/<script[^>]*\ssrc="([^"]+)"/g)].map((match) => {
        const url = match[1] as string;
        return url.startsWith('/') ? `web${url}` : posix.join(posix.dirname(file.path), url);
      }),
    );
}

/**
 * Files that nothing reaches: neither the program, nor the dashboard, nor a benchmark, nor a test. A file of src/ or web/ that
 * only tests reach is dead code and counts as unreached.
 */
export function unimportedViolations(files: readonly SourceFile[]): Violation[] {
  const graph = graphOf(files);
  const neighbours = (path: string): readonly string[] => graph.get(path) ?? [];
  const entries = [...graph.keys()].filter((path) => ENTRIES.some((entry) => entry.test(path)));
  entries.push(...pageScripts(files));
  const isTest = (path: string): boolean => path.startsWith('test/');
  const fromProgram = reachableFrom(
    entries.filter((path) => !isTest(path)),
    neighbours,
  );
  const fromAnything = reachableFrom(entries, neighbours);
  return files.flatMap(({ path }) => {
    if (!isTypeScript(path)) return [];
    if (isTest(path)) return fromAnything.has(path) ? [] : [{ path, message: 'is imported by no test' }];
    if (fromProgram.has(path)) return [];
    return [{ path, message: fromAnything.has(path) ? 'is imported by tests only' : 'is imported by nothing' }];
  });
}

/**
 * Implementations that their family's registry does not know. The registry is `registry.ts` of the family's folder. A file
 * passes when the registry reaches it, or when it uses the registry itself (an index, a factory).
 */
export function unregisteredViolations(files: readonly SourceFile[]): Violation[] {
  const graph = graphOf(files);
  const neighbours = (path: string): readonly string[] => graph.get(path) ?? [];
  return FAMILIES.flatMap(({ folder: family, implementation }): Violation[] => {
    const members = [...graph.keys()].filter(
      (path) => path.startsWith(`${family}/`) && isTypeScript(path) && implementation.test(path),
    );
    if (members.length === 0) return [];
    const registry = `${family}/registry.ts`;
    if (!graph.has(registry))
      return [{ path: `${family}/`, message: 'has no registry.ts that lists its implementations' }];
    const registered = reachableFrom([registry], neighbours);
    return members
      .filter((path) => !registered.has(path) && !reachableFrom([path], neighbours).has(registry))
      .map((path) => ({ path, message: `is not registered in ${registry}` }));
  });
}
