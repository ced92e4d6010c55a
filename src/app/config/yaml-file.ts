import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { UsageError } from '../../base/index.ts';

/** A parsed configuration file and where each of its keys stands. */
export interface YamlFile {
  readonly value: unknown;
  /** `line:column` of the key or list item at a path, or of its nearest ancestor that exists. */
  position(path: readonly string[]): string;
}

/** More is no configuration but an attack on the parser. */
const MAX_BYTES = 1_048_576;

/** @throws UsageError with `file:line:column` for anything that is not well-formed YAML with unique keys. */
export function readYaml(file: string, text: string): YamlFile {
  if (text.length > MAX_BYTES) throw new UsageError(`${file}: larger than ${MAX_BYTES} bytes.`, { subject: file });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, merge: false, version: '1.2' });
  // A warning is a tag that nothing here knows: its value would not be what its author meant.
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    const sentence = problem.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '');
    throw new UsageError(`${file}:${line}:${col} ${sentence}`, { subject: file });
  }
  return {
    value: plainValue(file, () => document.toJS({ maxAliasCount: 32 })),
    position(path) {
      let node: unknown = document.contents;
      let offset = 0;
      for (const key of path) {
        if (isSeq(node)) {
          const item: unknown = node.items[Number(key)];
          if (!isNode(item)) break;
          offset = item.range?.[0] ?? offset;
          node = item;
          continue;
        }
        if (!isMap(node)) break;
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
        if (pair === undefined) break;
        offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
        node = pair.value;
      }
      const { line, col } = lines.linePos(offset);
      return `${line}:${col}`;
    },
  };
}

function plainValue(file: string, convert: () => unknown): unknown {
  try {
    return convert();
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`, { subject: file, cause: error });
  }
}
