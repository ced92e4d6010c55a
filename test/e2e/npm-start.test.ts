import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProgram } from '../support/run-program.ts';
import { userEnvironment } from '../support/user-environment.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DRAIN_LIMIT_MS = 10_000;

/** A Ctrl-C in a terminal reaches npm, its shell and the program; a supervisor signals npm alone. */
const WAYS = [
  ['SIGINT', 'the whole process group'],
  ['SIGINT', 'npm alone'],
  ['SIGTERM', 'npm alone'],
] as const;

describe('npm start', () => {
  let folder = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tickloom-start-'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(WAYS)(
    '%s to %s: one orderly stop, exit 0',
    async (signal, way) => {
      const dataDir = join(folder, `${signal} ${way}`.replaceAll(' ', '-'));
      const program = startProgram('npm', ['start', '--', '--port', '0', '--data-dir', dataDir], {
        cwd: root,
        env: userEnvironment(),
        detached: true,
      });
      const pid = program.process.pid as number;
      try {
        const [, address] = await program.waitFor(/(http:\/\/(?:127\.0\.0\.1|localhost):\d+)/);
        const live = await fetch(`${address}/health/live`);
        expect(live.status).toBe(200);
        const stoppedAtMs = performance.now();
        process.kill(way === 'npm alone' ? pid : -pid, signal);
        const result = await program.ended;
        expect(result.code, result.stderr).toBe(0);
        expect(result.stderr).not.toContain('forced');
        expect(performance.now() - stoppedAtMs).toBeLessThan(DRAIN_LIMIT_MS);
      } finally {
        if (program.process.exitCode === null && program.process.signalCode === null) process.kill(-pid, 'SIGKILL');
      }
    },
    90_000,
  );
});
