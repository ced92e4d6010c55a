import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import { EventBatch, Universe } from '../../src/model/index.ts';
import { DataLock, Recorder, readTape } from '../../src/recorder/index.ts';
import { smallUniverse } from '../support/arbitrary-events.ts';

const CHILD = fileURLToPath(new URL('./support/recording-child.ts', import.meta.url));
let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tickloom-tape-'));
});
const children = new Set<ChildProcess>();
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
  await rm(dataDir, { recursive: true });
});

function trades(count: number): EventBatch {
  const batch = new EventBatch(count);
  for (let i = 0; i < count; i++) batch.addTrade(i % 3, 1, 1_700_000_000_000_000 + i, 1_700_000_000_000_000 + i, 10, 1);
  return batch;
}

async function count(): Promise<number> {
  let next = 1;
  for await (const batch of readTape({ dataDir, universe: new Universe() })) {
    for (let row = 0; row < batch.length; row++) expect(batch.seq[row]).toBe(next++);
  }
  return next - 1;
}

describe('a tape on the real file system', () => {
  it('commits by itself, goes on over restarts, and rolls', async () => {
    for (let life = 0; life < 3; life++) {
      const recorder = await Recorder.open({ dataDir, universe: smallUniverse(), segmentBytes: 2_000 });
      expect(recorder.lastSeq).toBe(life * 900);
      for (let i = 0; i < 3; i++) {
        recorder.append(trades(300));
        while (recorder.durableSeq < recorder.lastSeq) await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await recorder.close();
    }
    expect(await count()).toBe(2_700);
    expect((await readdir(join(dataDir, 'tape'))).filter((name) => name.endsWith('.tape')).length).toBeGreaterThan(3);
  });

  it('refuses a second writer while the first lives, in this process and in another one', async () => {
    const recorder = await Recorder.open({ dataDir, universe: smallUniverse() });
    await expect(Recorder.open({ dataDir, universe: smallUniverse() })).rejects.toMatchObject({
      code: 'data-dir-locked',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    const child = spawn(process.execPath, [CHILD, dataDir]);
    children.add(child);
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    expect(await new Promise((resolve) => child.on('exit', resolve))).not.toBe(0);
    expect(errors).toContain('data-dir-locked');
    await recorder.close();
    DataLock.acquire(dataDir).release();
  });

  it('holds every acknowledged event once after kill -9 at random moments', async () => {
    const random = new Prng(7);
    let acknowledged = 0;
    for (let kill = 0; kill < 8; kill++) {
      const child = spawn(process.execPath, [CHILD, dataDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.add(child);
      const exit = new Promise((resolve) => child.on('exit', resolve));
      const started = new Promise((resolve) => child.stdout.once('data', resolve));
      let text = '';
      child.stdout.on('data', (chunk) => {
        text += chunk;
      });
      await started;
      await new Promise((resolve) => setTimeout(resolve, random.uniform() * 250));
      child.kill('SIGKILL');
      await exit;
      const said = text.split('\n').slice(0, -1).map(Number);
      acknowledged = Math.max(acknowledged, ...said);
      const recorder = await Recorder.open({ dataDir, universe: new Universe() });
      expect(recorder.lastSeq).toBeGreaterThanOrEqual(acknowledged);
      expect(recorder.opening.killedRuns).toMatchObject([{ state: 'killed', lastSeq: recorder.lastSeq }]);
      expect(recorder.opening.holes).toEqual([]);
      await recorder.close();
      expect(await count()).toBe(recorder.lastSeq);
    }
    expect(acknowledged).toBeGreaterThan(1_000);
  }, 60_000);

  it('says in plain words that a directory cannot be used, and leaves nothing behind', async () => {
    const file = join(dataDir, 'a-file');
    await writeFile(file, 'x');
    await expect(Recorder.open({ dataDir: file, universe: smallUniverse() })).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining(file),
    });
  });

  it.skipIf(process.getuid?.() === 0)('says that a directory is read-only', async () => {
    await chmod(dataDir, 0o500);
    await expect(Recorder.open({ dataDir, universe: smallUniverse() })).rejects.toMatchObject({ code: 'storage' });
    await chmod(dataDir, 0o700);
  });

  it('halts with the system code in the cause and hands the same error to everybody', async () => {
    const { nodeFileSystem } = await import('../../src/host/index.ts');
    let isFull = false;
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const files = {
      ...nodeFileSystem,
      open: async (path: string, mode: 'read' | 'write' | 'create') => {
        const file = await nodeFileSystem.open(path, mode);
        const write = file.write.bind(file);
        file.write = (bytes, position) => (isFull ? Promise.reject(full) : write(bytes, position));
        return file;
      },
    };
    const halts: string[] = [];
    const recorder = await Recorder.open({
      dataDir,
      universe: smallUniverse(),
      files,
      onHalt: (cause) => halts.push(cause.message),
    });
    recorder.append(trades(10));
    await recorder.flush();
    isFull = true;
    recorder.append(trades(10));
    await expect(recorder.flush()).rejects.toMatchObject({ code: 'storage', cause: { code: 'ENOSPC' } });
    expect(recorder.isHalted).toBe(true);
    expect(recorder.durableSeq).toBe(10);
    expect(() => recorder.append(trades(1))).toThrow('the disk is full');
    expect(halts).toEqual([expect.stringContaining('the disk is full; free some space (ENOSPC)')]);
    await recorder.close();
    isFull = false;
    expect(await count()).toBe(10);
  });

  it('halts at its bounds: the tape in bytes, and what waits for the disk', async () => {
    const bounded = await Recorder.open({
      dataDir,
      universe: smallUniverse(),
      segmentBytes: 3_000,
      maxTapeBytes: 9_000,
    });
    await expect(async () => {
      for (let i = 0; i < 100; i++) {
        bounded.append(trades(300));
        await bounded.flush();
      }
    }).rejects.toMatchObject({ code: 'tape-full' });
    await bounded.close();
    const kept = await count();
    expect(kept).toBeGreaterThan(300);
    const dropping = await Recorder.open({
      dataDir,
      universe: smallUniverse(),
      segmentBytes: 3_000,
      maxTapeBytes: 9_000,
      retention: 'drop-oldest',
      maxPendingBytes: 20_000,
    });
    dropping.cover(kept);
    for (let i = 0; i < 3; i++) {
      dropping.append(trades(300));
      await dropping.flush();
    }
    expect(dropping.counters.segmentsDropped).toBeGreaterThan(0);
    expect(dropping.counters.tapeBytes).toBeLessThanOrEqual(9_000 + 3_000);
    expect(dropping.isFull).toBe(false);
    expect(() => {
      for (let i = 0; i < 1_000; i++) dropping.append(trades(100));
    }).toThrow('wait for the disk');
    await dropping.close();
  });
});
