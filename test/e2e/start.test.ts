import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TestSocket } from '../api/test-socket.ts';
import { answerOf, exported, LiveTickloom, scratch, startTickloom, tickloom, type VerifyReport } from './tickloom.ts';

const QUICK = ['--set', 'sources.demo.past_hours=1'];
const DRAIN_LIMIT_MS = 10_000;

describe('tickloom start', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'is healthy, delivers bars and features, and on %s drains and ends with 0',
    async (signal) => {
      using folder = scratch();
      await using live = await LiveTickloom.start(folder.path);
      const health = await live.untilHealth(({ status }) => status === 'ok');
      expect(health.components.sources['demo']).toMatchObject({ status: 'ok' });
      expect(Object.keys(health.data_freshness)).toHaveLength(12);
      // History is there from the start.
      const page = await live.get<{ bars: unknown[] }>('/api/v1/data/stocks/AAPL?timeframe=1m&limit=300');
      expect(page.bars).toHaveLength(300);

      const socket = await TestSocket.open(Number(new URL(live.url).port));
      socket.send({ action: 'subscribe', channels: ['bars', 'features', 'trades'], symbols: ['AAPL'] });
      const final = await socket.until(({ type, final }) => type === 'bar' && final === true, 60_000);
      expect(final).toMatchObject({ symbol: 'AAPL', timeframe: expect.any(String), open: expect.any(Number) });
      await socket.until(({ type }) => type === 'features', 60_000);
      await socket.until(({ type }) => type === 'trade', 60_000);
      await socket.until(({ type, final }) => type === 'bar' && final === false, 60_000);
      await socket.close();

      const { code, wallMs, stderr, stdout } = await live.stop(signal);
      expect(code, stderr).toBe(0);
      expect(stdout).toBe('');
      expect(stderr).not.toContain('forced');
      expect(wallMs).toBeLessThan(DRAIN_LIMIT_MS);
      const report = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', folder.path]);
      expect(report).toMatchObject({ digest_ok: true, duplicates: 0, holes: 0, state: 'ended' });
    },
    240_000,
  );

  it('goes on behind a lost connection: `since` gives what was missed, once', async () => {
    using folder = scratch();
    await using live = await LiveTickloom.start(folder.path, ...QUICK);
    await live.untilHealth(({ status }) => status === 'ok');
    const port = Number(new URL(live.url).port);
    const subscription = { action: 'subscribe', channels: ['trades'], symbols: ['SPY'] };
    const whole = await TestSocket.open(port);
    whole.send(subscription);
    const first = await TestSocket.open(port);
    first.send(subscription);
    await untilTrades(first, 20);
    await first.close();
    await untilTrades(whole, 60);
    const second = await TestSocket.open(port);
    second.send({ ...subscription, since: first.of('trade').at(-1)?.id });
    await untilTrades(second, 80);
    const got = [...first.of('trade'), ...second.of('trade')].map(({ id }) => id as number);
    await untilTrades(whole, got.length + 10);
    const begin = got[0] as number;
    const all = whole.of('trade').flatMap(({ id }) => ((id as number) >= begin ? [id as number] : []));
    expect(got).toEqual(all.slice(0, got.length));
    await second.close();
    await whole.close();
    expect(await live.stop()).toMatchObject({ code: 0 });
  }, 240_000);
});

describe('a start on the data of an earlier run', () => {
  it.each([
    ['with the same settings', ''],
    ['with other instruments, so that no snapshot fits', 'instruments: { ZZZ: { calendar: crypto } }\n'],
    ['with other timeframes', 'bars: { timeframes: [1s, 1m, 2m] }\n'],
  ])(
    '%s goes on where that one ended',
    async (_name, config) => {
      using folder = scratch();
      const dataDir = join(folder.path, 'data');
      const file = join(folder.path, 'tickloom.yaml');
      const lastSeqs: number[] = [];
      for (const text of ['', config]) {
        writeFileSync(file, text);
        await using live = await LiveTickloom.start(dataDir, '--config', file, ...QUICK);
        const health = await live.untilHealth(({ status }) => status === 'ok');
        lastSeqs.push(health.components.recorder.last_seq);
        expect(await live.stop()).toMatchObject({ code: 0 });
        const report = await answerOf<VerifyReport>(['verify', '--run', 'latest', '--data-dir', dataDir]);
        expect(report).toMatchObject({ digest_ok: true, duplicates: 0, holes: 0, state: 'ended' });
      }
      expect(lastSeqs[1]).toBeGreaterThan(lastSeqs[0] as number);
      const rows = await exported(dataDir, 'SPY', 'trades', '--columns', 'all');
      const ids = rows.map(({ id }) => Number(id));
      expect(ids.length).toBeGreaterThan(1_000);
      expect(ids).toEqual(ids.map((_, i) => (ids[0] as number) + i));
    },
    240_000,
  );
});

async function untilTrades(socket: TestSocket, count: number): Promise<void> {
  await socket.until(() => socket.of('trade').length >= count, 60_000);
}

/** Runs `start` that must refuse: its message and status. */
async function refusal(args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const { code, stdout, stderr } = await tickloom(['start', ...QUICK, ...args]);
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/unexpected failure|\n\s+at /);
  return { code, said: stderr };
}

describe('a start that can not be', () => {
  it('a port in use: named, status 1', async () => {
    using folder = scratch();
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as { port: number };
    try {
      const { code, said } = await refusal(['--port', String(port), '--data-dir', join(folder.path, 'data')]);
      expect(said).toMatch(new RegExp(`${port}.*in use|in use.*${port}`, 's'));
      expect(code).toBe(1);
    } finally {
      server.close();
    }
    // The refused start left a data directory that the next one opens.
    await using live = await LiveTickloom.start(join(folder.path, 'data'), ...QUICK);
    expect(await live.stop()).toMatchObject({ code: 0 });
  }, 240_000);

  it('a data directory that another process writes to: named with the process, status 1', async () => {
    using folder = scratch();
    await using live = await LiveTickloom.start(folder.path, ...QUICK);
    const pid = String(live.program.process.pid);
    const { code, said } = await refusal(['--port', '0', '--data-dir', folder.path]);
    expect(said).toMatch(/in use by another tickloom/);
    expect(said).toContain(pid);
    expect(code).toBe(1);
    for (const args of [
      ['replay', join(folder.path, 'x.csv')],
      ['import', join(folder.path, 'x.csv')],
    ]) {
      writeFileSync(join(folder.path, 'x.csv'), 'ts,price,size\n1381132800000,1,1\n');
      const flags = ['--symbol', 'A', '--kind', 'trades', '--data-dir', folder.path];
      const { code: status, stderr } = await tickloom([...args, ...flags]);
      expect(stderr).toMatch(/in use by another tickloom/);
      expect(status).toBe(1);
    }
    expect(await live.stop()).toMatchObject({ code: 0 });
  }, 240_000);

  it.each([
    ['below a file', (folder: string) => join(folder, 'file', 'data')],
    ['a file', (folder: string) => join(folder, 'file')],
    ['in a file system that takes no files', () => '/proc/tickloom-data'],
  ])('a data directory that can not be: %s', async (_name, pathIn) => {
    using folder = scratch();
    writeFileSync(join(folder.path, 'file'), 'x');
    const path = pathIn(folder.path);
    const { code, said } = await refusal(['--port', '0', '--data-dir', path]);
    expect(said).toContain(path);
    expect(code).toBe(1);
    expect(readdirSync(folder.path)).toEqual(['file']);
  });
});

const mounts: string[] = [];

/** A file system of its own; `undefined` where this process may not make one. */
function mountTmpfs(folder: string, sizeMb: number): string | undefined {
  const path = join(folder, 'disk');
  mkdirSync(path);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', path]);
  if (status !== 0) return undefined;
  mounts.push(path);
  return path;
}

function remount(path: string, options: string): void {
  expect(spawnSync('mount', ['-o', `remount,${options}`, path]).status).toBe(0);
}

function unmount(path: string): void {
  spawnSync('umount', [path]);
  mounts.splice(mounts.indexOf(path), 1);
}

const canMount = (() => {
  using folder = scratch();
  const path = mountTmpfs(folder.path, 1);
  if (path !== undefined) unmount(path);
  return path !== undefined;
})();

afterAll(() => {
  for (const path of [...mounts]) unmount(path);
});

describe.skipIf(!canMount)('disks (needs the right to mount)', () => {
  it('a read-only disk: named, status 1, nothing written', async () => {
    using folder = scratch();
    const disk = mountTmpfs(folder.path, 8) as string;
    try {
      remount(disk, 'ro');
      const { code, said } = await refusal(['--port', '0', '--data-dir', join(disk, 'data')]);
      expect(said).toMatch(/EROFS|read-only/);
      expect(code).toBe(1);
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      unmount(disk);
    }
  });

  it('a disk that fills up ends the run with a clear word and 1; with room it goes on where it was', async () => {
    using folder = scratch();
    const disk = mountTmpfs(folder.path, 4) as string;
    try {
      const dataDir = join(disk, 'data');
      const program = startTickloom([
        ...['start', '--port', '0', '--data-dir', dataDir, '--set', 'sources.demo.rate=5000'],
        ...QUICK,
      ]);
      const { code, stderr } = await program.ended;
      expect(stderr).toMatch(/disk is full/);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(code).toBe(1);

      remount(disk, 'size=400m');
      await using live = await LiveTickloom.start(dataDir, ...QUICK);
      await live.untilHealth(({ status }) => status === 'ok');
      expect(await live.stop()).toMatchObject({ code: 0 });
      for (const run of readdirSync(join(dataDir, 'tape', 'runs'))) {
        const id = run.replace('.json', '');
        const report = await answerOf<VerifyReport>(['verify', '--run', id, '--data-dir', dataDir]);
        expect(report).toMatchObject({ digest_ok: true, duplicates: 0, holes: 0 });
      }
    } finally {
      unmount(disk);
    }
  }, 240_000);

  it('a disk too small for a replay: a clear word, 1, and no half-written part in the lake', async () => {
    using folder = scratch();
    const disk = mountTmpfs(folder.path, 1) as string;
    try {
      const path = join(folder.path, 'A.trades.csv');
      const rows = Array.from(
        { length: 200_000 },
        (_, i) => `${1_381_132_800_000 + i * 37},${100 + (i % 9973) / 100},${1 + (i % 7919)}`,
      );
      writeFileSync(path, `ts,price,size\n${rows.join('\n')}\n`);
      const dataDir = join(disk, 'data');
      const { code, stdout, stderr } = await tickloom(['replay', path, '--data-dir', dataDir, '--json']);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/disk is full|no space/i);
      expect(stderr).not.toMatch(/unexpected failure|\n\s+at /);
      expect(code).toBe(1);
      const staging = join(dataDir, 'lake-staging');
      expect(existsSync(staging) ? readdirSync(staging) : []).toEqual([]);
      const parts = existsSync(join(dataDir, 'lake')) ? readdirSync(join(dataDir, 'lake'), { recursive: true }) : [];
      expect(parts.filter((name) => /tmp|partial/.test(String(name)))).toEqual([]);
    } finally {
      unmount(disk);
    }
  }, 240_000);
});
