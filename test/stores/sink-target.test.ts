import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ColumnBatch, LakeStore, TRADE_DATA } from '../../src/stores/index.ts';
import { SinkTarget } from '../../src/stores/sink-target.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tickloom-sink-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function trades(count: number, firstSeq: number): ColumnBatch {
  const batch = new ColumnBatch(TRADE_DATA);
  for (let i = 0; i < count; i++) {
    const seq = firstSeq + i;
    const ts = 1_795_186_800_000_000 + seq;
    batch.add({ symbol: 'A', ts, recv: ts, price: 1, size: 1, action: 'trade', source: 's', seq });
  }
  return batch;
}

describe('a store of a tape', () => {
  it('never holds rows that it does not say it holds: a crash would write them twice', async () => {
    const lake = await LakeStore.open({ directory, run: 'r', mode: 'append', commitRows: Number.POSITIVE_INFINITY });
    const target = new SinkTarget({ store: lake, flushEveryUs: Number.POSITIVE_INFINITY }, 1e9, () => undefined);
    const rowsInLake = () =>
      lake
        .state()
        .manifests.flatMap(({ parts }) => parts)
        .reduce((sum, { rows }) => sum + rows, 0);
    let seq = 0;
    for (const count of [120_000, 70_000, 20_000, 90_000]) {
      seq += count;
      target.offer([trades(count, seq - count + 1)], seq, seq);
      await target.drain();
      expect(rowsInLake()).toBe(lake.coveredSeq);
    }
    // The third hand-over passed the bound of rows.
    expect(lake.coveredSeq).toBe(210_000);
    await target.flush(seq);
    expect([rowsInLake(), lake.coveredSeq]).toEqual([seq, seq]);
    await lake.close();
  });
});
