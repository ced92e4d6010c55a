import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProgram } from '../support/run-program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program that says where it runs and then does what it was told: exit, wait for a signal, or throw. */
const PROBE = `
export async function main(args) {
  console.log(JSON.stringify({ node: process.versions.node, args }));
  if (args[0] === 'exit') return Number(args[1]);
  if (args[0] === 'throw') throw new Error('probe failed');
  const alive = setInterval(() => {}, 1000);
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) {
      process.on(signal, () => {
        clearInterval(alive);
        console.log('got ' + signal);
        resolve(0);
      });
    }
    console.log('waiting');
  });
}
`;

/** The machine's own Node, as a user would have it: the first on the path that is not this project's. */
function machineNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return folders.map((folder) => join(folder, 'node')).find((path) => existsSync(path));
}

const olderNode = machineNode();
const olderVersion =
  olderNode === undefined
    ? process.versions.node
    : execFileSync(olderNode, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
const startedBy: [string, string][] = [['the pinned Node', process.execPath]];
if (olderNode !== undefined && olderVersion !== process.versions.node)
  startedBy.push([`Node ${olderVersion}`, olderNode]);

describe('launcher', () => {
  let folder = '';
  let launcher = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tickloom-launcher-'));
    launcher = join(folder, 'bin', 'tickloom.mjs');
    cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    mkdirSync(join(folder, 'dist', 'app'), { recursive: true });
    writeFileSync(join(folder, 'dist', 'app', 'cli.js'), PROBE);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  for (const [name, node] of startedBy) {
    test(`started by ${name}: runs on the pinned Node, passes arguments and the exit code`, async () => {
      const result = await startProgram(node, [launcher, 'exit', '7', '--flag=a b']).ended;
      expect(result.stderr).toBe('');
      expect(JSON.parse(result.stdout)).toEqual({ node: process.versions.node, args: ['exit', '7', '--flag=a b'] });
      expect(result.code).toBe(7);
    });

    test.each(['SIGINT', 'SIGTERM'] as const)(
      `started by ${name}: %s reaches the program, which ends as it likes`,
      async (signal) => {
        const program = startProgram(node, [launcher, 'wait']);
        await program.waitFor(/waiting/);
        program.process.kill(signal);
        const result = await program.ended;
        expect(result.stdout).toContain(`got ${signal}`);
        expect(result.code).toBe(0);
      },
    );

    test(`started by ${name}: a throw is told on stderr and exits 1`, async () => {
      const result = await startProgram(node, [launcher, 'throw']).ended;
      expect(result.stderr).toContain('probe failed');
      expect(result.code).toBe(1);
    });
  }
});
