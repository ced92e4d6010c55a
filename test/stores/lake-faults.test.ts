import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import type { FileSystem } from '../../src/host/index.ts';
import {
  BAR_DATA,
  type Cell,
  ColumnBatch,
  LakeCommitter,
  type LakeState,
  type PartReader,
  TRADE_DATA,
} from '../../src/stores/index.ts';
import { type Fault, MemoryFileSystem } from '../support/memory-file-system.ts';

const START = 1_767_225_600_000_000;

/** A file's rows as the stores show them; its times are whole milliseconds in these tests. */
async function rowsOf(files: MemoryFileSystem, path: string): Promise<Record<string, Cell>[]> {
  const file = files.contentOf(path).slice().buffer;
  const rows = await parquetReadObjects({ file, compressors });
  return rows.map((row) => {
    const out: Record<string, Cell> = {};
    for (const [name, value] of Object.entries(row as Record<string, unknown>)) {
      if (value instanceof Date) out[name] = value.getTime() * 1_000;
      else if (value !== null && value !== undefined)
        out[name] = typeof value === 'bigint' ? Number(value) : (value as Cell);
    }
    return out;
  });
}

let names = 0;

function openLake(memory: MemoryFileSystem, files: FileSystem = memory, parallelFiles = 32): Promise<LakeCommitter> {
  const readParts: PartReader = async (dataSet, timeframe, paths) => {
    const batch = new ColumnBatch(dataSet, timeframe);
    for (const path of paths) for (const row of await rowsOf(memory, path)) batch.add(row);
    return batch;
  };
  return LakeCommitter.open({
    directory: '/d',
    files,
    newName: () => String(++names).padStart(26, '0'),
    readParts,
    parallelFiles,
  });
}

function bars(revision: number, indices: readonly number[]): ColumnBatch {
  const batch = new ColumnBatch(BAR_DATA, '1m');
  for (const i of indices) {
    const price = 10 + i + revision / 8;
    const prices = { open: price, high: price, low: price, close: price };
    batch.add({ symbol: `S${i % 2}`, start: START + i * 60_000_000, ...prices, volume: 1, revision });
  }
  return batch;
}

function trades(from: number, count: number): ColumnBatch {
  const batch = new ColumnBatch(TRADE_DATA);
  for (let i = from; i < from + count; i++) {
    batch.add({ symbol: 'S0', ts: START + i * 1_000_000, price: 10, size: 1, id: String(i), action: 'trade', seq: i });
  }
  return batch;
}

/** The lake's life in these tests; the text after each step is what it must then hold. */
const STEPS: readonly { readonly act: (lake: LakeCommitter) => Promise<unknown>; readonly holds: string }[] = [
  {
    act: (lake) =>
      lake.commit({ batches: [bars(0, [0, 1, 2]), trades(1, 5)], run: 'r', mode: 'append', coveredSeq: 5 }),
    holds: 'b0.0 b0.1 b0.2 t1 t2 t3 t4 t5 c5',
  },
  {
    act: (lake) => lake.commit({ batches: [trades(6, 2), bars(1, [1, 3])], run: 'r', mode: 'append', coveredSeq: 7 }),
    holds: 'b0.0 b0.2 b1.1 b1.3 t1 t2 t3 t4 t5 t6 t7 c7',
  },
  {
    act: (lake) => lake.commit({ batches: [trades(1, 3)], run: 'again', mode: 'replace' }),
    holds: 'b0.0 b0.2 b1.1 b1.3 t1 t2 t3 c7',
  },
  {
    act: (lake) => lake.commit({ batches: [bars(0, [1440, 5])], run: 'r', mode: 'append', coveredSeq: 8 }),
    holds: 'b0.0 b0.1440 b0.2 b0.5 b1.1 b1.3 t1 t2 t3 c8',
  },
  {
    act: (lake) => lake.compact('2026-01-02'),
    holds: 'b0.0 b0.1440 b0.2 b0.5 b1.1 b1.3 t1 t2 t3 c8',
  },
];

async function contentOf(files: MemoryFileSystem, state: LakeState): Promise<string> {
  const found: string[] = [];
  for (const manifest of state.manifests) {
    for (const part of manifest.parts) {
      const rows = await rowsOf(files, `/d/lake/${manifest.name}/${part.path}`);
      expect(rows).toHaveLength(part.rows);
      for (const row of rows) {
        if (manifest.name === 'trades') found.push(`t${row['seq']}`);
        else found.push(`b${row['revision']}.${((row['start'] as number) - START) / 60_000_000}`);
      }
    }
  }
  return [...found.sort(), `c${state.coveredSeq}`].join(' ');
}

/** What is in the folders is what the manifests say, and nothing is left over. */
function expectTidy(files: MemoryFileSystem, state: LakeState): void {
  const inLake = files.paths().filter((path) => path.startsWith('/d/lake/'));
  const listed = state.manifests.flatMap((manifest) =>
    manifest.parts.map((part) => `/d/lake/${manifest.name}/${part.path}`),
  );
  expect(inLake).toEqual(listed.sort());
  expect(files.paths().filter((path) => path.startsWith('/d/lake-staging/'))).toEqual([]);
  expect(state.missing).toEqual([]);
}

/** Does the steps until one fails; returns the number done. */
async function live(files: MemoryFileSystem): Promise<number> {
  let done = 0;
  try {
    const lake = await openLake(files);
    for (const step of STEPS) {
      await step.act(lake);
      done++;
    }
  } catch {
    expect(files.hasFailed).toBe(true);
  }
  return done;
}

/** After a failure the lake holds what was acknowledged, and of the step that failed all or nothing. */
async function expectWhole(files: MemoryFileSystem, done: number): Promise<void> {
  const state = (await openLake(files)).state();
  const allowed = [done - 1, done].map((at) => (at < 0 ? 'c0' : (STEPS[at]?.holds ?? '')));
  expect(allowed).toContain(await contentOf(files, state));
  expectTidy(files, state);
}

/** Minutes that lie on nine dates: more files than are synced at a time here. */
const DATES = Array.from({ length: 9 }, (_, day) => day * 1_440);

function holdsOf(first: readonly number[], revised: readonly number[], covered = 0): string {
  const rows = [...first.map((i) => `b0.${i}`), ...revised.map((i) => `b1.${i}`)];
  return [...rows.sort(), `c${covered}`].join(' ');
}

const WIDE_HOLDS = [holdsOf(DATES, [], 1), holdsOf(DATES.slice(5), DATES.slice(0, 5), 2)];

/** The same files, each operation begun up to three turns late, so that those issued together come in any order. */
function unordered(memory: MemoryFileSystem, random: Prng): FileSystem {
  const late = async (): Promise<void> => {
    for (let turns = Math.floor(random.uniform() * 4); turns > 0; turns--) await Promise.resolve();
  };
  return {
    open: async (path, mode) => {
      await late();
      const file = await memory.open(path, mode);
      return { ...file, datasync: () => late().then(() => file.datasync()) };
    },
    makeDirectory: () => late().then(() => memory.makeDirectory()),
    list: (path) => memory.list(path),
    rename: (from, to) => late().then(() => memory.rename(from, to)),
    remove: (path) => late().then(() => memory.remove(path)),
    syncDirectory: (path) => late().then(() => memory.syncDirectory(path)),
    sizeOf: (path) => memory.sizeOf(path),
  };
}

/** Bars of nine dates, then a revision of five of them; ends at the first failure. */
async function liveWide(memory: MemoryFileSystem, files: FileSystem): Promise<{ done: number; hasDoneAll: boolean }> {
  let done = 0;
  try {
    const lake = await openLake(memory, files, 4);
    await lake.commit({ batches: [bars(0, DATES)], run: 'r', mode: 'append', coveredSeq: 1 });
    done++;
    await lake.commit({ batches: [bars(1, DATES.slice(0, 5))], run: 'r', mode: 'append', coveredSeq: 2 });
    done++;
  } catch {
    expect(memory.hasFailed).toBe(true);
  }
  return { done, hasDoneAll: done === WIDE_HOLDS.length };
}

describe('lake under failures', () => {
  it('does every step without failures', async () => {
    const files = new MemoryFileSystem();
    expect(await live(files)).toBe(STEPS.length);
    await expectWhole(files, STEPS.length);
    expect(files.calls).toBeGreaterThan(100);
  });

  it.each<[Fault, boolean]>([
    ['EIO', false],
    ['EIO', true],
    ['ENOSPC', false],
    ['ENOSPC', true],
    ['short', false],
    ['short', true],
  ])('is whole after any one call failing (%s, for ever: %s), then opening again', async (fault, isForEver) => {
    for (let n = 1; ; n++) {
      const files = new MemoryFileSystem();
      Object.assign(files, { failAt: n, fault, isFailingForEver: isForEver });
      const done = await live(files);
      const hasFailed = files.hasFailed;
      files.heal();
      await expectWhole(files, done);
      if (!hasFailed && n > files.calls) break;
    }
  });

  it.each([1, 2, 3, 4, 5])(
    'is whole after a power cut at any call that loses, reorders and tears what was not synced (seed %i)',
    async (seed) => {
      const random = new Prng(seed);
      for (let n = 1; ; n++) {
        const files = new MemoryFileSystem();
        Object.assign(files, { failAt: n, isFailingForEver: true });
        const done = await live(files);
        const hasFailed = files.hasFailed;
        files.heal();
        files.crash(() => random.uniform());
        await expectWhole(files, done);
        if (!hasFailed) break;
      }
    },
  );

  it('is whole when opening again fails too, at any call', async () => {
    for (let n = 20; n < 140; n += 9) {
      for (let m = 1; ; m++) {
        const files = new MemoryFileSystem();
        Object.assign(files, { failAt: n, isFailingForEver: true });
        const done = await live(files);
        files.heal();
        files.calls = 0;
        Object.assign(files, { failAt: m, isFailingForEver: true });
        const failed = await openLake(files).then(
          () => false,
          () => true,
        );
        files.heal();
        await expectWhole(files, done);
        if (!failed) break;
      }
    }
  });

  it('goes on in the same process: a step that failed once and is asked for again is there once', async () => {
    for (let n = 12; ; n++) {
      const files = new MemoryFileSystem();
      const lake = await openLake(files);
      files.calls = 0;
      files.failAt = n;
      let failures = 0;
      for (const step of STEPS) {
        try {
          await step.act(lake);
        } catch (error) {
          failures++;
          // A commit that is decided must not be offered again; every other one must.
          if ((error as { code?: unknown }).code !== 'lake-unfinished') await step.act(lake);
        }
      }
      await lake.finishPending();
      expect(failures).toBeLessThanOrEqual(1);
      expect(await contentOf(files, lake.state())).toBe(STEPS.at(-1)?.holds);
      const hasFailed = files.hasFailed;
      files.heal();
      await expectWhole(files, STEPS.length);
      if (!hasFailed) break;
    }
  });

  it.each([1, 2, 3, 4])(
    'keeps commits of many dates whole when files are synced side by side and finish in any order (seed %i)',
    async (seed) => {
      const random = new Prng(seed);
      for (let n = 1; ; n += 3) {
        const memory = new MemoryFileSystem();
        Object.assign(memory, { failAt: n, isFailingForEver: n % 2 === 0 });
        const { done, hasDoneAll } = await liveWide(memory, unordered(memory, random));
        const isPowerCut = n % 2 === 0;
        const hasFailed = memory.hasFailed;
        memory.heal();
        if (isPowerCut) memory.crash(() => random.uniform());
        const state = (await openLake(memory)).state();
        const allowed = [done - 1, done].map((at) => (at < 0 ? 'c0' : (WIDE_HOLDS[at] ?? '')));
        expect(allowed).toContain(await contentOf(memory, state));
        expectTidy(memory, state);
        if (!hasFailed) {
          expect(hasDoneAll).toBe(true);
          break;
        }
      }
    },
  );

  it('syncs every folder once a commit, whatever the number of its files', async () => {
    const memory = new MemoryFileSystem();
    const synced: string[] = [];
    const files: FileSystem = Object.assign(Object.create(memory) as FileSystem, {
      syncDirectory: (path: string) => {
        synced.push(path);
        return memory.syncDirectory(path);
      },
    });
    const lake = await openLake(memory, files);
    synced.length = 0;
    await lake.commit({ batches: [bars(0, DATES)], run: 'r', mode: 'append' });
    const inLake = synced.filter((path) => path.startsWith('/d/lake/'));
    expect(inLake).toHaveLength(new Set(inLake).size);
    expect(inLake.filter((path) => path.includes('/date='))).toHaveLength(DATES.length);
    expect(synced.length).toBeLessThan(DATES.length + 10);
  });

  it('leaves the files alone when the same bars come again', async () => {
    const files = new MemoryFileSystem();
    const lake = await openLake(files);
    await lake.commit({ batches: [bars(0, DATES)], run: 'r', mode: 'replace' });
    const before = files.paths();
    await lake.commit({ batches: [bars(0, DATES)], run: 'again', mode: 'replace' });
    expect(files.paths()).toEqual(before);
    await lake.commit({ batches: [bars(1, DATES.slice(0, 1))], run: 'again', mode: 'replace' });
    expect(files.paths().filter((path) => !before.includes(path))).toHaveLength(1);
    expect(await contentOf(files, lake.state())).toBe(holdsOf(DATES.slice(1), DATES.slice(0, 1)));
    expectTidy(files, lake.state());
  });

  it('merges neighbours up to the bound on their cells, and leaves what is merged alone', async () => {
    const files = new MemoryFileSystem();
    const lake = await openLake(files);
    for (let i = 0; i < 7; i++) {
      await lake.commit({ batches: [trades(1 + i * 10, 10)], run: 'r', mode: 'append' });
    }
    const cellsOf = (rows: number): number => rows * TRADE_DATA.columns.length;
    const rowsOfParts = (): number[] => lake.state().manifests.flatMap(({ parts }) => parts.map((part) => part.rows));
    expect(await lake.compact('2026-01-02', 3, cellsOf(39))).toBe(2);
    expect(rowsOfParts().sort()).toEqual([10, 30, 30]);
    expect(await lake.compact('2026-01-02', 3, cellsOf(39))).toBe(0);
    expect(await lake.compact('2026-01-01', 3)).toBe(0);
    expect(await lake.compact('2026-01-02', 3)).toBe(1);
    expect(await contentOf(files, lake.state())).toBe(
      [...Array.from({ length: 70 }, (_, i) => `t${i + 1}`).sort(), 'c0'].join(' '),
    );
    expectTidy(files, lake.state());
  });

  it('says what is wrong with a damaged manifest, and reports files that are gone', async () => {
    const files = new MemoryFileSystem();
    await live(files);
    const part = files.paths().find((path) => path.startsWith('/d/lake/bars')) as string;
    await files.remove(part);
    expect((await openLake(files)).state().missing).toEqual([part]);
    files.setContent('/d/lake-meta/bars.json', new TextEncoder().encode('{"parts":[{"path":"../../etc/passwd"}]}'));
    await expect(openLake(files)).rejects.toThrow('/d/lake-meta/bars.json is no manifest of this lake');
    files.setContent('/d/lake-meta/bars.json', new TextEncoder().encode('{'));
    await expect(openLake(files)).rejects.toThrow('not valid JSON');
  });
});
