import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import { DEFAULT_ENGINE_SETTINGS, Engine } from '../../src/engine/index.ts';
import { EventBatch, EventKind, Universe } from '../../src/model/index.ts';
import {
  type DataKind,
  LakeStore,
  MemoryStore,
  type RangeQuery,
  SqliteStore,
  type Store,
  StoreSink,
} from '../../src/stores/index.ts';

const START = 1_767_362_400_000_000;
const SETTINGS = { ...DEFAULT_ENGINE_SETTINGS, timeframes: ['1s', '1m'], features: ['sma_5', 'rsi_14'] };

function universe(): Universe {
  const made = new Universe();
  for (const symbol of ['BTCUSD', 'ETHUSD']) made.intern(symbol);
  made.sources.intern('demo');
  return made;
}

/** Two minutes and a half of trades and quotes with a cancel, a late trade and bad rows; sequence numbers from 1. */
function events(): EventBatch {
  const random = new Prng(4);
  const batch = new EventBatch(4_096);
  for (let i = 0; i < 1_500; i++) {
    const ts = START + i * 100_000;
    const symbol = i % 2;
    let row: number;
    if (i % 5 === 4) row = batch.addQuote(symbol, 1, ts, ts + 20, 99, 1, 101, 2);
    else if (i % 401 === 7) row = batch.addTrade(symbol, 1, ts, ts + 20, -1, 1);
    else if (i === 800) row = batch.addTrade(symbol, 1, ts - 70_000_000, ts + 20, 500, 3);
    else row = batch.addTrade(symbol, 1, ts, ts + 20, 100 + random.uniform(), 1 + (i % 3));
    if (batch.kind[row] === EventKind.Trade) batch.setId(row, `t${i}`);
    if (i === 701) {
      row = batch.begin(EventKind.Cancel, symbol, 1, ts, ts + 20);
      batch.setId(row, 't695');
    }
  }
  for (let row = 0; row < batch.length; row++) batch.seq[row] = row + 1;
  return batch;
}

const KINDS: readonly DataKind[] = ['bars', 'trades', 'quotes', 'features', 'quarantine', 'gaps'];

async function contentOf(store: Store, kind: DataKind): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for (const timeframe of kind === 'bars' || kind === 'features' ? ['1s', '1m'] : [undefined]) {
    let cursor: string | undefined;
    do {
      const query: RangeQuery = { limit: 10_000, ...(timeframe ? { timeframe } : {}), ...(cursor ? { cursor } : {}) };
      const page = await store.read(kind, query);
      rows.push(...page.rows);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
  return rows;
}

describe('store sink', () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'tickloom-sink-'));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  const openStores = async (
    run: string,
    mode: 'append' | 'replace',
  ): Promise<{ sqlite: SqliteStore; lake: LakeStore }> => ({
    sqlite: await SqliteStore.open({ path: join(directory, 'tickloom.db'), mode }),
    lake: await LakeStore.open({ directory, featureNames: ['sma_5', 'rsi_14'], run, mode }),
  });

  const sinkOver = (made: Universe, stores: readonly Store[], isTape: boolean): StoreSink =>
    new StoreSink({
      universe: made,
      timeframes: ['1s', '1m'],
      featureNames: ['sma_5', 'rsi_14'],
      stores: stores.map((store) => ({ store, flushEveryUs: 10_000_000 })),
      isTape,
    });

  /** Handles rows [from, to) in batches of 100, as a run would. */
  const play = (engine: Engine, batch: EventBatch, from: number, to: number): void => {
    for (let row = from; row < to; row += 100) engine.handle(batch, row, Math.min(row + 100, to));
  };

  it('brings every output of the engine into the stores that hold its kind', async () => {
    const made = universe();
    const memory = new MemoryStore();
    const { sqlite, lake } = await openStores('r1', 'append');
    const sink = sinkOver(made, [memory, sqlite, lake], true);
    const engine = new Engine(SETTINGS, made, sink);
    const batch = events();
    play(engine, batch, 0, batch.length);
    engine.finish();
    await sink.flush();
    const counts: Partial<Record<DataKind, number>> = {};
    for (const kind of KINDS) {
      const reference = await contentOf(memory, kind);
      counts[kind] = reference.length;
      for (const store of [sqlite, lake]) {
        if (store.kinds.has(kind)) expect(await contentOf(store, kind), `${store.name} ${kind}`).toEqual(reference);
      }
    }
    // 1,500 rows and a cancel: a fifth are quotes, three trades have a negative price.
    expect(counts).toMatchObject({ quotes: 300, quarantine: 3, trades: 1_501 - 300 - 3 });
    expect(counts.bars).toBeGreaterThan(250);
    expect(counts.features).toBe(counts.bars);
    expect([sqlite.coveredSeq, lake.coveredSeq]).toEqual([batch.length, batch.length]);
    expect((await sqlite.read('quarantine', {})).rows[0]).toMatchObject({ source: 'demo', event: 'trade', seq: 8 });
    await sink.close();
  });

  it('stores the same after a crash and a recovery from the tape as without one', async () => {
    const batch = events();
    const made = universe();
    const first = await openStores('r1', 'append');
    const before = sinkOver(made, [first.sqlite, first.lake], true);
    const engine = new Engine(SETTINGS, made, before);
    play(engine, batch, 0, 500);
    await before.flush();
    play(engine, batch, 500, 1_000);
    // The process dies here with rows in flight; only SQLite got some more of them.
    await first.sqlite.close();
    await first.lake.close();

    const again = await openStores('r2', 'append');
    const after = sinkOver(made, [again.sqlite, again.lake], true);
    expect(after.recoverFromSeq).toBeGreaterThanOrEqual(500);
    const recovered = new Engine(SETTINGS, made, after);
    play(recovered, batch, 0, batch.length);
    recovered.finish();
    await after.flush();
    expect(after.counters().skipped).toBeGreaterThanOrEqual(490);

    const memory = new MemoryStore();
    const clean = sinkOver(made, [memory], true);
    const reference = new Engine(SETTINGS, made, clean);
    play(reference, batch, 0, batch.length);
    reference.finish();
    await clean.flush();
    for (const kind of KINDS) {
      for (const store of [again.sqlite, again.lake]) {
        if (store.kinds.has(kind)) {
          expect(await contentOf(store, kind), `${store.name} ${kind}`).toEqual(await contentOf(memory, kind));
        }
      }
    }
    await after.close();
  });

  it('replaces what an earlier import of the same data stored', async () => {
    const batch = events();
    const counts: number[][] = [];
    for (const run of ['import-1', 'import-2']) {
      const made = universe();
      const { sqlite, lake } = await openStores(run, 'replace');
      const sink = sinkOver(made, [sqlite, lake], false);
      const engine = new Engine(SETTINGS, made, sink);
      play(engine, batch, 0, batch.length);
      engine.finish();
      await sink.flush();
      counts.push(
        await Promise.all(
          KINDS.map(async (kind) => (await contentOf(sqlite.kinds.has(kind) ? sqlite : lake, kind)).length),
        ),
      );
      expect(lake.coveredSeq).toBe(0);
      await sink.close();
    }
    expect(counts[1]).toEqual(counts[0]);
  });

  it('goes on when a store fails, catches up when it works again, and halts it at the bound', async () => {
    const made = universe();
    const path = join(directory, 'tickloom.db');
    const sqlite = await SqliteStore.open({ path, busyTimeoutMs: 10, maxPendingRows: 100, commitRows: 1_000_000 });
    const memory = new MemoryStore();
    const failures: string[] = [];
    const sink = new StoreSink({
      universe: made,
      timeframes: ['1s', '1m'],
      featureNames: [],
      stores: [
        { store: sqlite, flushEveryUs: 5_000_000 },
        { store: memory, flushEveryUs: 5_000_000 },
      ],
      isTape: true,
      onFailure: (store) => failures.push(store),
    });
    const engine = new Engine({ ...SETTINGS, features: [] }, made, sink);
    const batch = events();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    play(engine, batch, 0, 300);
    await sink.drain();
    expect(sink.counters().stores['sqlite']).toMatchObject({ state: 'failing', dropped: 0 });
    other.exec('ROLLBACK');
    await sink.flush();
    expect(sink.counters().stores['sqlite']).toMatchObject({ state: 'ok', dropped: 0 });
    expect(sqlite.coveredSeq).toBe(300);

    other.exec('BEGIN IMMEDIATE');
    play(engine, batch, 300, batch.length);
    engine.finish();
    await expect(sink.flush()).rejects.toMatchObject({ code: 'store-locked' });
    other.exec('ROLLBACK');
    other.close();
    const { state } = sink.counters().stores['sqlite'] ?? {};
    expect(state).toBe('halted');
    expect(failures.filter((store) => store !== 'sqlite')).toEqual([]);
    expect(sqlite.coveredSeq).toBe(300);
    expect(await contentOf(memory, 'bars')).not.toHaveLength(0);
    await expect(sink.close()).rejects.toMatchObject({ code: 'store-locked' });
  });

  it('rebuilds a bar from stored trades when the engine asks for it', async () => {
    const made = universe();
    const { sqlite, lake } = await openStores('r1', 'append');
    const asked: number[][] = [];
    const sink = new StoreSink({
      universe: made,
      timeframes: ['1s', '1m'],
      featureNames: [],
      stores: [sqlite, lake].map((store) => ({ store, flushEveryUs: 1_000_000 })),
      isTape: true,
      rebuildBar: (symbol, timeframe, startUs, endUs, trades) => {
        asked.push(trades.map((trade) => trade.price ?? Number.NaN));
        const close = trades.at(-1)?.price ?? Number.NaN;
        const prices = { open: close, high: close, low: close, close, vwap: close };
        const rest = { volume: 1, trades: trades.length, revision: 9, source: 1, quality: 1 };
        return { symbol, timeframe, startUs, endUs, ...prices, ...rest };
      },
    });
    const batch = new EventBatch(8);
    for (const [i, price] of [10, 11, 12].entries()) {
      const row = batch.addTrade(0, 1, START + i, START + i, price, 1);
      batch.setId(row, i);
      batch.seq[row] = i + 1;
      sink.onTrade(batch, row, 1, 0);
    }
    const cancel = batch.begin(EventKind.Cancel, 0, 1, START + 90_000_000, START + 90_000_000);
    batch.setId(cancel, 1);
    batch.seq[cancel] = 4;
    sink.onAmendment(batch, cancel, 1);
    sink.onRepairNeeded(0, 1, START, START + 60_000_000);
    sink.onBatchEnd(START + 100_000_000);
    await sink.flush();
    expect(asked).toEqual([[10, 12]]);
    expect(sink.counters()).toMatchObject({ repairs: 1, repairsFailed: 0 });
    for (const store of [sqlite, lake]) {
      expect((await store.read('bars', { timeframe: '1m' })).rows).toMatchObject([
        { close: 12, trades: 2, revision: 9 },
      ]);
    }
    await sink.close();
  });

  it('says that a store reaches an event only when its rows were written, while more events arrive', async () => {
    const made = universe();
    const { sqlite, lake } = await openStores('r1', 'append');
    await sqlite.close();
    const gate = Promise.withResolvers<void>();
    class SlowStore extends MemoryStore {
      override flush(): Promise<void> {
        return gate.promise;
      }
    }
    const sink = sinkOver(made, [new SlowStore(), lake], true);
    const engine = new Engine(SETTINGS, made, sink);
    const batch = events();
    play(engine, batch, 0, 500);
    const flushed = sink.flush();
    await new Promise(setImmediate);
    play(engine, batch, 500, 1_400);
    // Less than a second of events: they stay with the sink.
    engine.handle(batch, 1_400, 1_403);
    gate.resolve();
    await flushed;
    const reached = lake.coveredSeq;
    const held = await LakeStore.openForReading(directory, ['sma_5', 'rsi_14']);
    const rows = [...(await contentOf(held, 'trades')), ...(await contentOf(held, 'quotes'))] as { seq: number }[];
    await held.close();
    const seqs = new Set(rows.map((row) => row.seq));
    const missing = [...batch.seq.subarray(0, batch.length)].filter((seq, row) => {
      const isRejected = batch.kind[row] === EventKind.Trade && !((batch.p0[row] as number) > 0);
      return seq <= reached && !isRejected && !seqs.has(seq);
    });
    expect(reached).toBeGreaterThanOrEqual(500);
    expect(missing).toEqual([]);
    await sink.close();
  });
});
