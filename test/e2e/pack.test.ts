import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ProgramResult, startProgram } from '../support/run-program.ts';
import { userEnvironment } from '../support/user-environment.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** What a clone does not have; the build must not touch the present dist-web, which other suites serve meanwhile. */
const NOT_CLONED = new Set(['node_modules', '.git', 'dist', 'dist-web', 'data']);
const INSTALL_TIMEOUT_MS = 300_000;
const DRAIN_LIMIT_MS = 10_000;

function copyClone(to: string): void {
  const isCloned = (path: string): boolean =>
    dirname(path) !== dirname(join(root, 'x')) || !NOT_CLONED.has(basename(path));
  cpSync(root, to, { recursive: true, filter: isCloned });
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
}

async function run(command: string, args: readonly string[], cwd: string): Promise<ProgramResult> {
  const result = await startProgram(command, args, { cwd, env: userEnvironment() }).ended;
  if (result.code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${result.code}:\n${result.stderr}`);
  return result;
}

describe('the published package', () => {
  let folder = '';
  let home = '';
  let packed: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tickloom-pack-'));
    home = join(folder, 'home');
    mkdirSync(home);
    const clone = join(folder, 'clone');
    copyClone(clone);
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], clone);
    packed = [...stdout.matchAll(/"path": "([^"]+)"/g)].map((match) => match[1] as string);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) as string;
    writeFileSync(join(home, 'package.json'), '{ "name": "home", "private": true }\n');
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, tarball)], home);
  }, INSTALL_TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('holds the compiled program, the built dashboard, the schema and the papers, and no sources', () => {
    for (const path of [
      'bin/tickloom.mjs',
      'dist/app/cli.js',
      'dist-web/index.html',
      'README.md',
      'examples/portfolio.json',
      'LICENSE',
      'NOTICE',
    ]) {
      expect(packed).toContain(path);
    }
    expect(packed.some((path) => /^schema\/.*\.json$/.test(path))).toBe(true);
    expect(packed.filter((path) => /^(src|test|web|bench|scripts|node_modules)\//.test(path))).toEqual([]);
    expect(packed.filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts'))).toEqual([]);
  });

  test('answers --version through npx', async () => {
    const { stdout } = await run('npx', ['tickloom', '--version'], home);
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+/);
  });

  test('starts elsewhere, serves health and the dashboard, drains on Ctrl-C and exits 0', async () => {
    const bin = join(home, 'node_modules', '.bin', 'tickloom');
    const program = startProgram(bin, ['start', '--port', '0', '--data-dir', join(home, 'data')], {
      cwd: home,
      env: userEnvironment(),
    });
    try {
      const [, address] = await program.waitFor(/(http:\/\/(?:127\.0\.0\.1|localhost):\d+)/);
      const health = (await (await fetch(`${address}/health`)).json()) as { status: string };
      expect(health.status).toBe('ok');
      const page = await fetch(`${address}/`);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<script');
      const stoppedAtMs = performance.now();
      program.process.kill('SIGINT');
      const result = await program.ended;
      expect(result.code, result.stderr).toBe(0);
      expect(performance.now() - stoppedAtMs).toBeLessThan(DRAIN_LIMIT_MS);
    } finally {
      program.process.kill('SIGKILL');
    }
  }, 120_000);
});
