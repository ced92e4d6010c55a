import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { expect, it } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import { type BarRow, checkSqliteFile, LakeStore, type RangeQuery, SqliteStore } from '../../src/stores/index.ts';

const WRITER = fileURLToPath(new URL('../support/store-writer.ts', import.meta.url));
const START = 1_767_225_600_000_000;

/** Runs the writer and kills it after it acknowledged `steps` steps and a random moment more. Returns the last step said. */
async function writeAndKill(directory: string, first: number, steps: number, extraMs: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, directory, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  let isDying = false;
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    said += text;
    if (isDying || said.split('\n').length <= steps) return;
    isDying = true;
    setTimeout(() => child.kill('SIGKILL'), extraMs);
  });
  const signal = await new Promise((resolve) => child.on('exit', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGKILL');
  return Number(said.trimEnd().split('\n').at(-1));
}

async function allBars(store: SqliteStore | LakeStore): Promise<BarRow[]> {
  const rows: BarRow[] = [];
  let query: RangeQuery = { timeframe: '1m', limit: 10_000 };
  for (;;) {
    const page = await store.read('bars', query);
    rows.push(...page.rows);
    if (page.nextCursor === undefined) return rows;
    query = { ...query, cursor: page.nextCursor };
  }
}

/** What bar `i` must be when the steps 0 … last are stored. */
function expectedBar(i: number, last: number): { start: number; revision: number } {
  return { start: START + i * 60_000_000, revision: (i + 1) % 3 === 0 && i + 1 <= last ? 1 : 0 };
}

it('stores are whole and hold every acknowledged step once after kill -9, ten times over', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tickloom-kill-'));
  const random = new Prng(9);
  let acknowledged = 0;
  for (let round = 0; round < 10; round++) {
    acknowledged = await writeAndKill(directory, 1, 2 + Math.floor(random.uniform() * 4), random.uniform() * 40);
  }

  checkSqliteFile(join(directory, 'tickloom.db'));
  const sqlite = await SqliteStore.open({ path: join(directory, 'tickloom.db') });
  const lake = await LakeStore.open({ directory, run: 'check', mode: 'append' });
  expect(lake.state().missing).toEqual([]);
  expect(readdirSync(join(directory, 'lake-staging'))).toEqual([]);
  for (const store of [sqlite, lake]) {
    const last = store.coveredSeq;
    expect(last).toBeGreaterThanOrEqual(acknowledged);
    expect(last).toBeLessThanOrEqual(acknowledged + 1);
    const rows = await allBars(store);
    expect(rows.map(({ start, revision }) => ({ start, revision }))).toEqual(
      Array.from({ length: last }, (_, i) => expectedBar(i + 1, last)),
    );
  }

  // Readers that know nothing of the manifest, over the bare folders.
  const last = lake.coveredSeq;
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const bare = await connection.runAndReadAll(
    `SELECT count(*)::INT, count(DISTINCT start)::INT, sum(revision)::INT FROM '${directory}/lake/bars/**/*.parquet'`,
  );
  const revised = Math.floor(last / 3);
  expect(bare.getRows()).toEqual([[last, last, revised]]);
  const ticks = await connection.runAndReadAll(
    `SELECT count(*)::INT, min(seq)::INT, max(seq)::INT FROM read_parquet('${directory}/lake/trades/*/*.parquet', hive_partitioning = true)`,
  );
  expect(ticks.getRows()).toEqual([[last * 50, 1, last]]);
  let rows = 0;
  for (const path of globSync(`${directory}/lake/trades/**/*.parquet`)) {
    const bytes = readFileSync(path);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
    rows += (await parquetReadObjects({ file, compressors })).length;
  }
  expect(rows).toBe(last * 50);
  await sqlite.close();
  await lake.close();
  rmSync(directory, { recursive: true, force: true });
}, 240_000);
