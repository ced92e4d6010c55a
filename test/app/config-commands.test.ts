import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTickloom } from '../support/run-tickloom.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickloom-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('configuration', () => {
  test('every layer is read from the folder that one is in, and named as the origin', async () => {
    const cwd = mkdtempSync(join(folder, 'layers-'));
    writeFileSync(
      join(cwd, 'tickloom.yaml'),
      'bars:\n  window: 61\n  ring_ticks: 201\napi: {port: 8101}\nlog: {level: warn}\n',
    );
    writeFileSync(
      join(cwd, '.env'),
      'MAX_BARS_CACHE=62\nTICKLOOM__API__PORT=8102 # a comment\nTICKLOOM__LOG__LEVEL="error"\n',
    );
    const env = { TICKLOOM__API__PORT: '8103', TICKLOOM__LOG__LEVEL: 'fatal' };
    const { stdout, stderr, code } = await runTickloom(['config', 'print', '--json', '--log-level', 'debug'], {
      cwd,
      env,
    });
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const rows = JSON.parse(stdout) as { key: string; value: unknown; origin: string; where: string }[];
    const row = (key: string) => rows.find((candidate) => candidate.key === key);
    expect(row('bars.ring_ticks')).toEqual({
      key: 'bars.ring_ticks',
      value: 201,
      origin: 'file',
      where: 'tickloom.yaml:3:3',
    });
    expect(row('bars.window')).toEqual({ key: 'bars.window', value: 62, origin: '.env', where: 'MAX_BARS_CACHE' });
    expect(row('api.port')).toEqual({ key: 'api.port', value: 8103, origin: 'env', where: 'TICKLOOM__API__PORT' });
    expect(row('log.level')).toEqual({ key: 'log.level', value: 'debug', origin: 'flag', where: '--log-level' });
    expect(row('clock')).toEqual({ key: 'clock', value: 'wall', origin: 'default', where: '' });
  });

  test('the printed example is a valid configuration', async () => {
    const cwd = mkdtempSync(join(folder, 'example-'));
    const { stdout } = await runTickloom(['config', 'example'], { cwd });
    writeFileSync(join(cwd, 'tickloom.yaml'), stdout);
    const check = await runTickloom(['config', 'check'], { cwd });
    expect(check.code).toBe(0);
    expect(check.stdout).toMatch(/^configuration is valid/);
  });

  test('no command says a secret', async () => {
    const cwd = mkdtempSync(join(folder, 'secrets-'));
    const canary = (i: number): string => `CANARY${i}-4b1e7c9a2f`;
    writeFileSync(join(cwd, 'key.txt'), `${canary(1)}\n`);
    writeFileSync(join(cwd, '.env'), `FRED_API_KEY=${canary(2)}\n`);
    const env = {
      ALPACA_API_SECRET_KEY: canary(0),
      POLYGON_API_KEY_FILE: 'key.txt',
      REDIS_URL: `redis://u:${canary(3)}@h`,
    };
    const calls = [
      ['config', 'print'],
      ['config', 'print', '--json'],
      ['config', 'check'],
      ['doctor', '--json', '--set', 'api.port=0'],
      ['config', 'print', '--set', 'bars.window=0', '--log-level', 'trace'],
      ['export', '--symbol', 'AAPL', '--kind', 'bars', '--out', '-', '--log-level', 'debug'],
    ];
    const results = await Promise.all(calls.map((args) => runTickloom(args, { cwd, env })));
    const said = results.map(({ stdout, stderr }) => stdout + stderr).join('\n');
    for (let i = 0; i < 4; i++) {
      const bytes = Buffer.from(canary(i));
      for (const form of [canary(i), bytes.toString('base64').slice(0, -4), bytes.toString('hex')]) {
        expect(said).not.toContain(form);
      }
    }
    expect(results[0]?.stdout).toMatch(/^ALPACA_API_SECRET_KEY +"CA…2f" {2}# env/m);
    expect(results[0]?.stdout).toMatch(/^POLYGON_API_KEY +"CA…2f" {2}# env POLYGON_API_KEY_FILE$/m);
  });
});

describe('doctor', () => {
  test('prints one document, and fails only for what is broken', async () => {
    const cwd = mkdtempSync(join(folder, 'doctor-'));
    const good = await runTickloom(['doctor', '--json', '--set', 'api.port=0'], { cwd });
    const report = JSON.parse(good.stdout) as {
      checks: {
        id: string;
        section: string;
        status: string;
        detail: string;
        fix: string | null;
        duration_ms: number;
      }[];
      summary: Record<string, number>;
    };
    expect(report.checks.filter((check) => check.status === 'failed')).toEqual([]);
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(report.summary['failed']).toBe(0);
    for (const section of ['runtime', 'configuration', 'storage', 'sources', 'network']) {
      expect(report.checks.map((check) => check.section)).toContain(section);
    }
    const other = createServer((socket) => socket.end('no http\n')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    writeFileSync(
      join(cwd, 'tickloom.db'),
      'this is no database, whatever its name says, and it is long enough to be read\n',
    );
    const bad = await runTickloom(['doctor', '--data-dir', '.', '--set', `api.port=${port}`], { cwd });
    other.close();
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/\[✗\] storage\n/);
    expect(bad.stdout).toMatch(/\[✗\] .*tickloom\.db is damaged or no SQLite database[^\n]*\n +fix: /);
    expect(bad.stdout).toMatch(
      new RegExp(`\\[✗\\] 127\\.0\\.0\\.1:${port} is in use by another program\\n +fix: Set api\\.port`),
    );
    expect(bad.stdout).toMatch(/\n\d+ ok, \d+ warnings?, 2 failed\n$/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    expect(bad.stdout).not.toMatch(/\x1b/);
  }, 60_000);
});
