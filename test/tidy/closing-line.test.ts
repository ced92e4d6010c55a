import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProgramResult, startProgram } from '../support/run-program.ts';
import { userEnvironment } from '../support/user-environment.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the closing line of a test run', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tickloom-closing-'));
    mkdirSync(join(folder, 'test', 'support'), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    for (const file of ['vitest.config.ts', 'test/support/closing-line-reporter.ts']) {
      cpSync(join(root, file), join(folder, file));
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
    const head = "import { expect, test } from 'vitest';\n";
    writeFileSync(join(folder, 'test', 'good.test.ts'), `${head}test('a', () => {});\ntest('b', () => {});\n`);
    writeFileSync(join(folder, 'test', 'skip.test.ts'), `${head}test('c', (t) => t.skip('no browser here'));\n`);
    writeFileSync(join(folder, 'test', 'bad.test.ts'), `${head}test('d', () => expect(1).toBe(2));\n`);
    writeFileSync(join(folder, 'test', 'broken.test.ts'), "import './missing.ts';\n");
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...files: string[]): Promise<ProgramResult> =>
    startProgram(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...files], {
      cwd: folder,
      env: userEnvironment(),
    }).ended;

  test('counts failures, unloadable files and skips, tells the skips by name and reason, and the run fails', async () => {
    const { stdout, code } = await run();
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('2 passed, 2 failed, 1 skipped');
    expect(stdout).toContain('skipped: test/skip.test.ts > c (no browser here)');
    expect(code).not.toBe(0);
  });

  test('a clean run exits 0', async () => {
    const { stdout, code } = await run('good', 'skip');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('2 passed, 0 failed, 1 skipped');
    expect(code).toBe(0);
  });
});
