import { describe, expect, test } from 'vitest';
import { importsOf } from './import-graph.ts';
import { cycleViolations, layerViolations, RANKS } from './layer-rules.ts';
import { describeViolations, repositoryFiles, sourceFile } from './source-files.ts';

const messages = (...files: [string, string][]): string[] =>
  describeViolations(layerViolations(files.map(([path, text]) => sourceFile(path, text))));

const cycles = (...files: [string, string][]): string[] =>
  describeViolations(cycleViolations(files.map(([path, text]) => sourceFile(path, text))));

describe('layers', () => {
  test('every file imports from lower ranks or its own folder, through index.ts', () => {
    expect(describeViolations(layerViolations(repositoryFiles()))).toEqual([]);
  });

  test('no import cycles', () => {
    expect(describeViolations(cycleViolations(repositoryFiles()))).toEqual([]);
  });

  test('ARCHITECTURE.md gives the same ranks', () => {
    const page = repositoryFiles().find((file) => file.path === 'ARCHITECTURE.md')?.text ?? '';
    const told: Record<string, number> = {};
    for (const row of page.matchAll(/^\|\s*(\d+)\s*\|([^|]+)\|/gm)) {
      for (const folder of (row[2] as string).matchAll(/`src\/([a-z]+)\/`/g))
        told[folder[1] as string] = Number(row[1]);
    }
    expect(Object.keys(told).length).toBeGreaterThan(10);
    expect(RANKS).toMatchObject(told);
  });

  test('catches an import from a higher rank, from a sibling of the same rank and past index.ts', () => {
    expect(messages(['src/base/a.ts', "import { b } from '../model/index.ts';"])[0]).toMatch(/may not import model/);
    expect(messages(['src/calendar/a.ts', "import { b } from '../quality/index.ts';"])[0]).toMatch(
      /may not import quality/,
    );
    expect(messages(['src/model/a.ts', "import { b } from '../base/digest.ts';"])[0]).toMatch(/through its index.ts/);
    expect(messages(['src/model/a.ts', "import { b } from '../base/index.ts';"])).toEqual([]);
  });

  test('catches type imports, re-exports, dynamic imports, multi-line imports and worker URLs', () => {
    for (const text of [
      "import type { B } from '../app/index.ts';",
      "export * from '../app/index.ts';",
      "export { b } from '../app/index.ts';",
      "const b = await import('../app/index.ts');",
      "import {\n  a,\n  b,\n} from '../app/index.ts';",
      "new Worker(new URL('../app/worker.ts', import.meta.url));",
      "import '../app/index.ts';",
    ]) {
      expect(messages(['src/host/a.ts', text]), text).toHaveLength(1);
    }
  });

  test('catches Node and packages in the core, unknown folders, and a dashboard that looks into the server', () => {
    expect(messages(['src/engine/a.ts', "import fs from 'node:fs';"])[0]).toMatch(/no packages and no Node/);
    expect(messages(['src/helpers/a.ts', 'export {};'])[0]).toMatch(/no folder of the rank table/);
    expect(messages(['web/a.ts', "import { x } from '../src/engine/index.ts';"])[0]).toMatch(
      /nothing else of the server/,
    );
    expect(messages(['web/a.ts', "import type { X } from '../src/api/protocol/index.ts';"])).toEqual([]);
    expect(messages(['src/app/a.ts', "import { x } from '../../test/x.ts';"])[0]).toMatch(/outside src/);
  });

  test('imports in comments and strings do not count', () => {
    const text = `// import { a } from '../app/index.ts';\nconst s = "import { a } from '../app/index.ts';";\nconst r = /['"]/;\n`;
    expect(importsOf(sourceFile('src/base/a.ts', text))).toEqual([]);
  });

  test('catches a cycle, also through index.ts, but not one of types alone', () => {
    const a: [string, string] = ['src/base/a.ts', "import { b } from './b.ts';"];
    expect(cycles(a, ['src/base/b.ts', "import { a } from './a.ts';"])[0]).toMatch(
      /a.ts -> src\/base\/b.ts -> src\/base\/a.ts/,
    );
    expect(
      cycles(a, ['src/base/b.ts', "import { a } from './index.ts';"], ['src/base/index.ts', "export * from './a.ts';"]),
    ).toHaveLength(1);
    expect(cycles(a, ['src/base/b.ts', "import type { A } from './a.ts';"])).toEqual([]);
  });
});
