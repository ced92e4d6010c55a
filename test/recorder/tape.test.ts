import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/host/index.ts';
import { EventBatch, EventKind, Universe } from '../../src/model/index.ts';
import { Recorder, readMarks, readTape, readTapeFrames, type TapeHole } from '../../src/recorder/index.ts';
import { batchOf, plainEvent, plainOf, plainRow, smallUniverse } from '../support/arbitrary-events.ts';
import { MemoryFileSystem } from '../support/memory-file-system.ts';

const SEGMENT = '/d/tape/00000001.tape';

function options(files: MemoryFileSystem, universe = smallUniverse()) {
  return { dataDir: '/d', universe, files, lock: false, clock: { ...systemClock, sleep: async () => undefined } };
}

async function readAll(files: MemoryFileSystem, range: { fromSeq?: number; toSeq?: number } = {}) {
  const holes: TapeHole[] = [];
  const rows: unknown[] = [];
  const seqs: number[] = [];
  for await (const batch of readTape({
    dataDir: '/d',
    universe: smallUniverse(),
    files,
    onHole: (hole) => holes.push(hole),
    ...range,
  })) {
    for (let row = 0; row < batch.length; row++) {
      rows.push(plainRow(batch, row));
      seqs.push(batch.seq[row] as number);
    }
  }
  return { rows, seqs, holes };
}

function trades(from: number, count: number): EventBatch {
  const batch = new EventBatch(count);
  for (let i = 0; i < count; i++) {
    const at = 1_700_000_000_000_000 + (from + i) * 1_000;
    const row = batch.addTrade(i % 3, 1, at, at + 50, 100 + ((from + i) % 500) / 100, 100 + (i % 7));
    batch.setId(row, from + i);
  }
  return batch;
}

describe('tape', () => {
  it('gives back what was appended, for any events in any batches', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(plainEvent, { maxLength: 40 }), { maxLength: 6 }), async (batches) => {
        const files = new MemoryFileSystem();
        const recorder = await Recorder.open(options(files));
        for (const events of batches) {
          recorder.append(batchOf(events));
          await recorder.flush();
        }
        await recorder.close();
        const expected = batches.flat().map(plainOf);
        const { rows, seqs, holes } = await readAll(files);
        expect(rows).toEqual(expected);
        expect(seqs).toEqual(expected.map((_, i) => i + 1));
        expect(holes).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('gives any range of sequence numbers', async () => {
    const files = new MemoryFileSystem();
    const recorder = await Recorder.open({ ...options(files), segmentBytes: 8_000 });
    for (let i = 0; i < 10; i++) {
      recorder.append(trades(i * 300, 300));
      await recorder.flush();
    }
    await recorder.close();
    expect(files.paths().filter((path) => path.endsWith('.tape')).length).toBeGreaterThan(2);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), fc.nat(3000), async (fromSeq, length) => {
        const toSeq = Math.min(3000, fromSeq + length);
        const { seqs, holes } = await readAll(files, { fromSeq, toSeq });
        expect(seqs).toEqual(Array.from({ length: toSeq - fromSeq + 1 }, (_, i) => fromSeq + i));
        expect(holes).toEqual([]);
      }),
      { numRuns: 40 },
    );
    const beyond = await readAll(files, { fromSeq: 2990, toSeq: 3010 });
    expect(beyond.holes).toMatchObject([{ fromSeq: 3001, toSeq: 3010, reason: 'missing' }]);
  });

  it('defines its tables in every segment, so that each can be read alone', async () => {
    const files = new MemoryFileSystem();
    const recorder = await Recorder.open({ ...options(files), segmentBytes: 8_000 });
    for (let i = 0; i < 10; i++) {
      recorder.append(trades(i * 300, 300));
      await recorder.flush();
    }
    await recorder.close();
    files.remove(SEGMENT);
    const universe = new Universe();
    let count = 0;
    for await (const batch of readTape({ dataDir: '/d', universe, files })) count += batch.length;
    expect(count).toBeGreaterThan(1000);
    expect(universe.instruments().map((instrument) => instrument.symbol)).toEqual(['AAPL', 'BTCUSD', 'EURUSD']);
  });

  it('cut at any byte is a prefix, and goes on from there', async () => {
    const files = new MemoryFileSystem();
    const recorder = await Recorder.open(options(files));
    for (let i = 0; i < 5; i++) {
      recorder.append(trades(i * 7, 7));
      await recorder.flush();
    }
    await recorder.close();
    const whole = files.contentOf(SEGMENT).slice();
    const all = (await readAll(files)).rows;
    for (let length = 0; length <= whole.length; length += length < 80 ? 1 : 7) {
      const cut = new MemoryFileSystem();
      cut.setContent(SEGMENT, whole.slice(0, length));
      const again = await Recorder.open(options(cut));
      const kept = again.lastSeq;
      expect(kept % 7).toBe(0);
      expect(again.opening.torn.reduce((sum, torn) => sum + torn.bytes, 0)).toBeLessThanOrEqual(length);
      again.append(trades(1_000, 2));
      await again.close();
      const { rows, seqs, holes } = await readAll(cut);
      expect(rows.slice(0, kept)).toEqual(all.slice(0, kept));
      expect(seqs).toEqual(Array.from({ length: kept + 2 }, (_, i) => i + 1));
      expect(holes).toEqual([]);
      for (const torn of again.opening.torn) expect(cut.contentOf(torn.keptIn).length).toBe(torn.bytes);
    }
  });

  it('reports a damaged middle as a hole, at opening and at reading, and keeps the rest', async () => {
    const files = new MemoryFileSystem();
    const recorder = await Recorder.open(options(files));
    const ends: number[] = [];
    for (let i = 0; i < 5; i++) {
      recorder.append(trades(i * 10, 10));
      await recorder.flush();
      ends.push(files.contentOf(SEGMENT).length);
    }
    await recorder.close();
    const bytes = files.contentOf(SEGMENT).slice();
    const at = ((ends[1] as number) + (ends[2] as number)) >> 1;
    bytes[at] = (bytes[at] as number) ^ 0x10;
    files.setContent(SEGMENT, bytes);
    const { seqs, holes } = await readAll(files);
    expect(holes).toMatchObject([{ fromSeq: 21, toSeq: 30, reason: 'damaged', offset: ends[1] }]);
    expect(seqs).toEqual([...Array(50).keys()].map((i) => i + 1).filter((seq) => seq < 21 || seq > 30));
    const again = await Recorder.open(options(files));
    expect(again.opening.holes).toMatchObject([{ fromSeq: 21, toSeq: 30 }]);
    expect(again.opening.torn).toEqual([]);
    expect(again.lastSeq).toBe(50);
    await again.close();
    await expect(async () => {
      for await (const batch of readTape({ dataDir: '/d', universe: smallUniverse(), files }))
        expect(batch).toBeDefined();
    }).rejects.toMatchObject({ code: 'tape-hole' });
  });

  it('keeps marks and frames in their place among the events', async () => {
    const files = new MemoryFileSystem();
    const universe = smallUniverse();
    const recorder = await Recorder.open(options(files, universe));
    recorder.append(trades(0, 3));
    recorder.mark('r1', 'abc');
    recorder.appendFrame(2, 17, new TextEncoder().encode('{"p":1}'));
    recorder.append(trades(3, 2));
    recorder.mark('r1', 'def');
    await recorder.close();
    const marks = [];
    for await (const mark of readMarks({ dataDir: '/d', files })) marks.push(mark);
    expect(marks).toEqual([
      { runId: 'r1', seq: 3, digest: 'abc' },
      { runId: 'r1', seq: 5, digest: 'def' },
    ]);
    const frames = [];
    for await (const frame of readTapeFrames({ dataDir: '/d', universe, files })) frames.push(frame);
    expect(frames).toMatchObject([{ source: 'binance', tsRecvUs: 17, nextSeq: 4 }]);
    expect(new TextDecoder().decode(frames[0]?.bytes)).toBe('{"p":1}');
    expect((await readAll(files)).seqs).toEqual([1, 2, 3, 4, 5]);
  });

  it('packs trades into 40 bytes or less and survives a growing universe', async () => {
    const files = new MemoryFileSystem();
    const universe = smallUniverse();
    const recorder = await Recorder.open(options(files, universe));
    recorder.append(trades(0, 8_000));
    await recorder.flush();
    const bytes = files.contentOf(SEGMENT).length;
    expect(bytes / 8_000).toBeLessThanOrEqual(40);
    const symbol = universe.intern('NEWCO');
    const batch = new EventBatch(1);
    batch.addTrade(symbol, universe.sources.intern('late'), 5, 5, 1.5, 2);
    recorder.append(batch);
    await recorder.close();
    const fresh = new Universe();
    let last = '';
    for await (const read of readTape({ dataDir: '/d', universe: fresh, files })) {
      last = fresh.symbol(read.symbol[read.length - 1] as number);
      expect(read.kind[read.length - 1]).toBe(EventKind.Trade);
    }
    expect(last).toBe('NEWCO');
  });
});
