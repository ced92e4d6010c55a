import { writeSync } from 'node:fs';
import { BAR_DATA, ColumnBatch, LakeStore, SqliteStore, TRADE_DATA } from '../../src/stores/index.ts';

/**
 * A program that writes until it is killed: step n adds bars and trades of step n to SQLite and the lake, and says
 * `n` on stdout when both acknowledged. Every third step revises the bars of the step before it.
 */
const directory = process.argv[2] as string;
const first = Number(process.argv[3]);
const START = 1_767_225_600_000_000;

const sqlite = await SqliteStore.open({ path: `${directory}/tickloom.db` });
const lake = await LakeStore.open({ directory, run: `run-${first}`, mode: 'append' });
for (let step = Math.max(first, lake.coveredSeq + 1); ; step++) {
  const trades = new ColumnBatch(TRADE_DATA);
  for (let i = 0; i < 50; i++) {
    trades.add({ symbol: 'A', ts: START + step * 1_000 + i, price: step, size: 1, action: 'trade', seq: step });
  }
  await lake.write(trades);
  for (const store of [sqlite, lake]) {
    const bars = new ColumnBatch(BAR_DATA, '1m');
    for (const start of step % 3 === 0 ? [step - 1, step] : [step]) {
      const prices = { open: start, high: step, low: start, close: step };
      bars.add({ symbol: 'A', start: START + start * 60_000_000, ...prices, volume: 1, revision: step - start });
    }
    await store.write(bars);
    await store.flush(step);
  }
  writeSync(1, `${step}\n`);
}
