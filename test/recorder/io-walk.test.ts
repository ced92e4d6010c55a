import { describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import { systemClock } from '../../src/host/index.ts';
import { EventBatch } from '../../src/model/index.ts';
import { Recorder, readTape } from '../../src/recorder/index.ts';
import { smallUniverse } from '../support/arbitrary-events.ts';
import { type Fault, MemoryFileSystem } from '../support/memory-file-system.ts';

const clock = { ...systemClock, sleep: async () => undefined };

function batchFrom(first: number, count: number): EventBatch {
  const batch = new EventBatch(count);
  for (let i = 0; i < count; i++) {
    const row = batch.addTrade(i % 3, 1, 1_700_000_000_000_000 + first + i, 1_700_000_000_000_100 + first + i, 10, 1);
    batch.setId(row, first + i);
  }
  return batch;
}

let runs = 0;

interface Progress {
  durable: number;
  appended: number;
  snapshotSeq: number;
}

/** Opens the tape, appends with rolls, writes run records and snapshots; stops at the first failure. */
async function work(files: MemoryFileSystem, progress: Progress): Promise<void> {
  const recorder = await Recorder.open({
    dataDir: '/d',
    universe: smallUniverse(),
    files,
    clock,
    lock: false,
    segmentBytes: 900,
  });
  const base = recorder.lastSeq;
  try {
    const id = `r${runs++}`;
    await recorder.runs.start({ id, startedUs: base, firstSeq: base + 1, engine: {} });
    for (let i = 0; i < 6; i++) {
      recorder.append(batchFrom(recorder.lastSeq + 1, 9));
      progress.appended = recorder.lastSeq;
      recorder.mark(id, `d${recorder.lastSeq}`);
      await recorder.flush();
      progress.durable = recorder.durableSeq;
      if (i % 2 === 1) {
        const { seq } = await recorder.snapshot(recorder.lastSeq, [
          new TextEncoder().encode(`state ${recorder.lastSeq}`),
        ]);
        progress.snapshotSeq = seq;
      }
    }
    await recorder.runs.end(id, { endedUs: 1, lastSeq: recorder.lastSeq, digest: 'x' });
  } finally {
    progress.durable = Math.max(progress.durable, recorder.durableSeq);
    await recorder.close();
  }
}

/** Everything durable is there once, ids equal sequence numbers, the newest durable snapshot can be read. */
async function check(files: MemoryFileSystem, progress: Progress): Promise<number> {
  const recorder = await Recorder.open({ dataDir: '/d', universe: smallUniverse(), files, clock, lock: false });
  const last = recorder.lastSeq;
  expect(last).toBeGreaterThanOrEqual(progress.durable);
  expect(last).toBeLessThanOrEqual(progress.appended);
  const snapshot = await recorder.snapshots.latest(last, () => undefined);
  expect(snapshot?.seq ?? 0).toBeGreaterThanOrEqual(progress.snapshotSeq);
  if (snapshot !== undefined) expect(new TextDecoder().decode(snapshot.bytes)).toBe(`state ${snapshot.seq}`);
  for (const run of await recorder.runs.list()) {
    expect(run.state).not.toBe('open');
    expect(run.lastSeq).toBeLessThanOrEqual(last);
  }
  await recorder.close();
  let next = 1;
  for await (const batch of readTape({ dataDir: '/d', universe: smallUniverse(), files })) {
    for (let row = 0; row < batch.length; row++) {
      expect([batch.seq[row], batch.idNum[row]]).toEqual([next, next]);
      next++;
    }
  }
  expect(next - 1).toBe(last);
  return last;
}

async function walk(fault: Fault, isFailingForEver: boolean, crashSeed: number | undefined): Promise<number> {
  for (let n = 1; ; n++) {
    const files = new MemoryFileSystem();
    const progress: Progress = { durable: 0, appended: 0, snapshotSeq: 0 };
    await work(files, progress); // A first life without faults, so that opening has something to open.
    const before = files.calls;
    Object.assign(files, { failAt: before + n, fault, isFailingForEver });
    await work(files, progress).catch((error: unknown) => expect(error).toHaveProperty('code', 'storage'));
    const wasReached = files.hasFailed;
    files.heal();
    if (crashSeed !== undefined) {
      const random = new Prng(crashSeed * 1_000 + n);
      files.crash(() => random.uniform());
    }
    await check(files, progress);
    await work(files, progress);
    await check(files, progress);
    if (!wasReached) return n;
  }
}

describe('io.walk: append, roll, open, snapshot, run record with the Nth file call failing', () => {
  for (const fault of ['EIO', 'ENOSPC', 'short'] as const) {
    for (const isFailingForEver of [false, true]) {
      it(`${fault} ${isFailingForEver ? 'for ever' : 'once'}`, async () => {
        expect(await walk(fault, isFailingForEver, undefined)).toBeGreaterThan(80);
      });
    }
  }

  it('and then the machine loses, reorders and tears what was not flushed, 5 seeds', async () => {
    for (let seed = 1; seed <= 5; seed++) await walk('EIO', true, seed);
  });

  it('a fault while a torn tail is repaired leaves it repairable', async () => {
    for (let n = 1; ; n++) {
      const files = new MemoryFileSystem();
      const progress: Progress = { durable: 0, appended: 0, snapshotSeq: 0 };
      await work(files, progress);
      const segment = files
        .paths()
        .filter((path) => path.endsWith('.tape'))
        .at(-1) as string;
      const whole = files.contentOf(segment);
      files.setContent(segment, whole.slice(0, whole.length - 5));
      progress.durable = 0;
      progress.snapshotSeq = 0;
      Object.assign(files, { failAt: files.calls + n, fault: 'EIO', isFailingForEver: n % 2 === 0 });
      await Recorder.open({ dataDir: '/d', universe: smallUniverse(), files, clock, lock: false })
        .then((recorder) => recorder.close())
        .catch((error: unknown) => expect(error).toHaveProperty('code', 'storage'));
      const wasReached = files.hasFailed;
      files.heal();
      const random = new Prng(n);
      files.crash(() => random.uniform());
      await check(files, progress);
      if (!wasReached) break;
    }
  });
});
