import { type ImportEdge, importsOf } from './import-graph.ts';
import type { SourceFile, Violation } from './source-files.ts';

/** Folders of src/ and their ranks: a file imports from lower ranks or from its own folder. */
export const RANKS: Readonly<Record<string, number>> = {
  base: 0,
  model: 1,
  calendar: 2,
  quality: 3,
  bars: 3,
  indicators: 3,
  features: 4,
  patterns: 5,
  regimes: 5,
  learners: 5,
  signals: 6,
  strategies: 7,
  engine: 8,
  host: 9,
  sources: 10,
  stores: 10,
  bus: 10,
  collector: 11,
  recorder: 11,
  replay: 11,
  training: 11,
  alerts: 11,
  simulators: 11,
  api: 11,
  app: 12,
};

/** The last rank of the pure core, which knows neither Node nor the DOM. */
const LAST_CORE_RANK = 8;

/** The one folder of src/ that the dashboard may see: the wire types. */
const WIRE_TYPES = 'src/api/protocol/';

function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

function violation(edge: ImportEdge, message: string): Violation {
  return { path: edge.from, line: edge.line, message };
}

function checkEdge(edge: ImportEdge): Violation | undefined {
  const from = folderOf(edge.from);
  const to = folderOf(edge.to);
  if (from === undefined) return undefined;
  const fromRank = RANKS[from];
  if (!edge.isRelative) {
    const isCore = fromRank !== undefined && fromRank <= LAST_CORE_RANK;
    return isCore ? violation(edge, `imports ${edge.to}: the core (ranks 0-8) has no packages and no Node`) : undefined;
  }
  if (to === undefined) return violation(edge, `imports ${edge.to}, which is outside src/`);
  if (to === from) return undefined;
  const toRank = RANKS[to];
  if (fromRank === undefined || toRank === undefined) return undefined;
  if (toRank >= fromRank)
    return violation(edge, `imports ${edge.to}: ${from} (rank ${fromRank}) may not import ${to} (rank ${toRank})`);
  if (edge.to !== `src/${to}/index.ts`) return violation(edge, `imports ${edge.to}: enter ${to}/ through its index.ts`);
  return undefined;
}

function checkWebEdge(edge: ImportEdge): Violation | undefined {
  if (!edge.from.startsWith('web/') || !edge.isRelative) return undefined;
  if (edge.to.startsWith('web/') || edge.to.startsWith(WIRE_TYPES)) return undefined;
  // The text of a page of the repository, like NOTICE on the About screen.
  if (/^[A-Z]+(\.md)?\?raw$/.test(edge.to)) return undefined;
  return violation(edge, `imports ${edge.to}: the dashboard sees ${WIRE_TYPES} and nothing else of the server`);
}

/** Ranks, entry by index.ts, a pure core, a dashboard that knows only the wire types, and folders that are in the table. */
export function layerViolations(files: readonly SourceFile[]): Violation[] {
  const found: Violation[] = [];
  for (const file of files) {
    if (!/\.ts$/.test(file.path)) continue;
    const folder = folderOf(file.path);
    if (file.path.startsWith('src/') && (folder === undefined || RANKS[folder] === undefined)) {
      found.push({ path: file.path, message: `is in no folder of the rank table (${Object.keys(RANKS).join(', ')})` });
    }
    for (const edge of importsOf(file)) {
      const wrong = checkEdge(edge) ?? checkWebEdge(edge);
      if (wrong !== undefined) found.push(wrong);
    }
  }
  return found;
}

/** Cycles of run-time imports (type-only imports vanish and may point both ways); each cycle is told once. */
export function cycleViolations(files: readonly SourceFile[]): Violation[] {
  const graph = new Map<string, string[]>();
  for (const file of files) {
    if (!/^(src|web)\/.*\.ts$/.test(file.path)) continue;
    const edges = importsOf(file).filter((edge) => edge.isRelative && !edge.isTypeOnly);
    graph.set(
      file.path,
      edges.map((edge) => edge.to),
    );
  }
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const found: Violation[] = [];
  const visit = (path: string): void => {
    state.set(path, 'open');
    trail.push(path);
    for (const next of graph.get(path) ?? []) {
      const nextState = state.get(next);
      if (nextState === 'open') {
        const cycle = [...trail.slice(trail.indexOf(next)), next];
        found.push({ path, message: `closes an import cycle: ${cycle.join(' -> ')}` });
      } else if (nextState === undefined && graph.has(next)) visit(next);
    }
    trail.pop();
    state.set(path, 'done');
  };
  for (const path of graph.keys()) if (!state.has(path)) visit(path);
  return found;
}
