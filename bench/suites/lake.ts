import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BAR_DATA, ColumnBatch, LakeStore, ulid } from '../../src/stores/index.ts';
import { CEILINGS, ceilingResults } from '../ceilings.ts';
import { Report, type SuiteResult } from '../figure.ts';
import { median } from '../measure.ts';
import { type RandomBars, randomBars } from '../random-market.ts';

const SYMBOLS = 1_000;
const BARS = 500;
const ROWS = SYMBOLS * BARS;
const START_US = 1_700_006_400_000_000;
const MINUTE_US = 60_000_000;
const BATCH_BARS = 50;
const GOAL_BYTES = 22;
const ROUNDS = 3;

/** Bytes on disk of a full minute bar in the lake, as written (compaction makes them fewer). */
export async function lakeSize(): Promise<SuiteResult> {
  const report = new Report('lake.size');
  const { bytes } = await writeLake(randomBars(7, SYMBOLS, BARS));
  report.less(bytes / ROWS, 'bytes/bar', 'the first goal, 22 bytes/bar', GOAL_BYTES);
  const c = ceilingResults(CEILINGS.sqlite, report)?.get('sqlite C rowid, txn/1000, WAL NORMAL');
  const megabytes = /MB=([\d.]+)/.exec(c?.extra ?? '')?.[1];
  if (megabytes !== undefined) {
    report.less(bytes / ROWS, 'bytes/bar', 'SQLite file, OHLCV only', Number(megabytes));
  }
  return report;
}

/** Full minute bars into the lake, until they are durable; wall-clock time. */
export async function lakeWrite(): Promise<SuiteResult> {
  const report = new Report('lake.write');
  const market = randomBars(7, SYMBOLS, BARS);
  const ours: number[] = [];
  const theirs: number[] = [];
  await writeLake(market);
  for (let round = 0; round < ROUNDS; round++) {
    ours.push((await writeLake(market)).rowsPerSecond);
    const c = round > 0 && theirs.length === 0 ? undefined : ceilingResults(CEILINGS.sqlite, report);
    const rate = c?.get('sqlite C rowid, txn/1000, WAL NORMAL')?.value;
    if (rate !== undefined) theirs.push(rate);
  }
  report.note(`${Math.round(median(ours) / 1_000)} k rows/s, all of them synced to the disk`);
  if (theirs.length > 0) {
    const against = "SQLite's C API, prepared insert, 1000 rows a transaction, OHLCV only, not synced";
    report.more(median(ours) / 1_000, 'k rows/s', against, median(theirs));
  }
  return report;
}

async function writeLake(market: RandomBars): Promise<{ readonly bytes: number; readonly rowsPerSecond: number }> {
  const directory = mkdtempSync(join(tmpdir(), 'tickloom-lake-'));
  try {
    const store = await LakeStore.open({ directory, run: ulid(0), mode: 'append' });
    const batches = Array.from({ length: BARS / BATCH_BARS }, (_, i) => barsOf(market, i * BATCH_BARS));
    const startedMs = performance.now();
    for (const batch of batches) await store.write(batch);
    await store.flush();
    const seconds = (performance.now() - startedMs) / 1_000;
    await store.close();
    return { bytes: bytesBelow(join(directory, 'lake')), rowsPerSecond: ROWS / seconds };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The bars of all symbols from bar `first` on, as the engine's sink fills them. */
function barsOf(market: RandomBars, first: number): ColumnBatch {
  const batch = new ColumnBatch(BAR_DATA, '1m', BATCH_BARS * SYMBOLS);
  const symbols = Array.from({ length: SYMBOLS }, (_, s) => batch.internText(0, `SYM${s}`));
  const source = batch.internText(11, 'demo');
  for (let t = first; t < first + BATCH_BARS; t++) {
    for (let s = 0; s < SYMBOLS; s++) {
      const from = t * SYMBOLS + s;
      const row = batch.begin();
      const high = market.high[from] as number;
      const low = market.low[from] as number;
      const volume = market.volume[from] as number;
      const trades = 1 + (volume % 97);
      const cells = [
        symbols[s] as number,
        START_US + t * MINUTE_US,
        START_US + (t + 1) * MINUTE_US,
        market.open[from] as number,
        high,
        low,
        market.close[from] as number,
        volume,
        // A mean of many prices has all of its digits, unlike a price.
        low + ((high - low) * ((volume * 7_919) % 1_009)) / 1_009,
        trades,
        volume % 50 === 0 ? 1 : 0,
        source,
        volume % 20 === 0 ? 0.9 : 1,
      ];
      for (let k = 0; k < cells.length; k++) (batch.columns[k] as Float64Array)[row] = cells[k] as number;
    }
  }
  return batch;
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
