import { describe, expect, test } from 'vitest';
import { hygieneRuleNames, hygieneViolations, lengthViolations, nameViolations } from './hygiene-rules.ts';
import { describeViolations, repositoryFiles, sourceFile } from './source-files.ts';

const join = (...parts: string[]): string => parts.join('');

/** For each rule, texts that must be caught, with the path that they would stand in. */
const PLANTED: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'wall clock': [
    ['src/app/a.ts', 'const t = Date.now();'],
    ['src/engine/a.ts', 'const t = new Date();'],
    ['src/api/a.ts', 'const t = performance.now();'],
    ['src/api/a.ts', `const t = \`\${Date.now()} ms\`;`],
  ],
  'timers of the host': [['src/bars/a.ts', 'setTimeout(close, 5);']],
  'unseeded randomness': [['src/simulators/a.ts', 'const x = Math.random();']],
  environment: [['src/stores/a.ts', 'const x = process.env.HOME;']],
  console: [['src/app/a.ts', "console.log('x');"]],
  'default export': [['src/base/a.ts', 'export default function f() {}']],
  'unfinished work': [['docs/a.md', join('TO', 'DO: write')]],
  'focused test': [
    ['test/base/a.test.ts', "test.only('x', () => {});"],
    ['test/base/a.test.ts', "describe.todo('x');"],
  ],
  'skip without a reason': [['test/base/a.test.ts', "\ntest.skip('x', () => {});"]],
  'silenced compiler': [['web/a.ts', join('// @ts-', 'ignore')]],
  'machine path': [
    ['docs/a.md', join('see /', 'work/main/x')],
    ['bench/a.ts', join("const dir = '/", "home/someone/data';")],
  ],
  'registry host': [['package-lock.json', join('"https://', 'registry.example.org/x.tgz"')]],
};

const ALLOWED: readonly (readonly [string, string])[] = [
  ['src/host/clock.ts', 'export const now = () => Date.now() + performance.now();'],
  ['src/base/a.ts', '// Date.now() would break replay; so would Math.random.'],
  ['src/base/a.ts', "throw new Error('Date.now is not allowed');"],
  ['src/base/a.ts', 'const t = new Date(tsMs);'],
  ['src/app/a.ts', 'const home = process.env.TICKLOOM_HOME;'],
  ['test/base/a.test.ts', "// The kernel of this system has no such file.\ntest.skip('x', () => {});"],
  ['test/base/a.test.ts', "describe.skipIf(!present)('x', () => {});"],
  ['docs/a.md', 'the frame/work/loop and docs/home/page'],
];

describe('hygiene', () => {
  for (const name of hygieneRuleNames) {
    test(`${name}: the repository is clean`, () => {
      expect(describeViolations(hygieneViolations(repositoryFiles(), name))).toEqual([]);
    });

    test(`${name}: a planted violation is caught`, () => {
      expect(PLANTED[name] ?? []).not.toEqual([]);
      for (const [path, text] of PLANTED[name] ?? []) {
        expect(hygieneViolations([sourceFile(path, text)], name), text).toHaveLength(1);
      }
    });
  }

  test('what is allowed is not caught', () => {
    for (const [path, text] of ALLOWED) {
      expect(describeViolations(hygieneViolations([sourceFile(path, text)])), text).toEqual([]);
    }
  });

  test('files are short enough to hold in the head', () => {
    expect(describeViolations(lengthViolations(repositoryFiles()))).toEqual([]);
    expect(lengthViolations([sourceFile('src/base/long.ts', 'x;\n'.repeat(351))])).toHaveLength(1);
    expect(lengthViolations([sourceFile('src/base/short.ts', 'x;\n'.repeat(350))])).toEqual([]);
  });

  test('files are named after what they hold', () => {
    expect(describeViolations(nameViolations(repositoryFiles()))).toEqual([]);
    for (const path of ['src/base/utils.ts', 'web/Chart.ts', 'test/base/my_test.test.ts']) {
      expect(nameViolations([sourceFile(path, '')]), path).toHaveLength(1);
    }
  });
});
