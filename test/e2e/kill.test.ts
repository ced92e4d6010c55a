import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { Prng } from '../../src/base/index.ts';
import { nodeFileSystem, systemClock } from '../../src/host/index.ts';
import { EventKind, Universe } from '../../src/model/index.ts';
import { RunsCatalogue, readTape, tapeDirectory } from '../../src/recorder/index.ts';
import { DemoSource } from '../../src/sources/index.ts';
import { checkSqliteFile, LakeStore } from '../../src/stores/index.ts';
import {
  answerOf,
  exported,
  type Health,
  LiveTickloom,
  scratch,
  startTickloom,
  type VerifyReport,
} from './tickloom.ts';

/** Five kills by default; `TICKLOOM_TEST_KILLS=20` is the full run (about three minutes). */
const KILLS = Number(process.env['TICKLOOM_TEST_KILLS'] ?? 5);
const SEED = Number(process.env['TICKLOOM_TEST_SEED'] ?? 1);

const SYMBOLS = ['AAPL', 'BTCUSD', 'EURUSD', 'SPY'];
const RATE = 5_000;
const FLAGS = [
  ...['--symbols', SYMBOLS.join(',')],
  ...['--set', `sources.demo.rate=${RATE}`],
  ...['--set', 'sources.demo.past_hours=1'],
  // Every writer at work all the time, so that kills hit them.
  ...['--set', 'recorder.snapshot_every_s=2'],
  ...['--set', 'stores.batch_write_interval_s=1'],
  ...['--set', 'stores.lake_flush_s=2'],
];

/**
 * Runs the program for some time, counted from its start or from its first durable event, asking for `durable_seq` as
 * long as it answers, and kills it.
 */
async function runAndKill(
  dataDir: string,
  lifeMs: number,
  isFromReady: boolean,
): Promise<{ durableSeq: number; health: string }> {
  const program = startTickloom(['start', '--port', '0', '--data-dir', dataDir, ...FLAGS]);
  let url: string | undefined;
  program.waitFor(/(http:\/\/[^\s:]+:\d+)/).then(
    (match) => {
      url = match[1];
    },
    () => undefined,
  );
  let killer: NodeJS.Timeout | undefined;
  let isDead = false;
  const killLater = (): void => {
    killer ??= setTimeout(() => {
      isDead = true;
      program.process.kill('SIGKILL');
    }, lifeMs);
  };
  if (!isFromReady) killLater();
  let durableSeq = 0;
  let status = 'starting';
  while (!isDead && program.process.exitCode === null) {
    await new Promise((done) => setTimeout(done, 15));
    if (url === undefined) continue;
    try {
      const health = (await (await fetch(`${url}/health`)).json()) as Health;
      status = health.status;
      durableSeq = Math.max(durableSeq, health.components.recorder.durable_seq);
      if (status === 'ok') killLater();
    } catch (error) {
      // The answer was cut off by the kill: it promised nothing.
      if (!isDead) throw error;
    }
  }
  const { signal, code, stderr } = await program.ended;
  clearTimeout(killer);
  expect(signal, `it ended by itself with ${code}: ${stderr}`).toBe('SIGKILL');
  return { durableSeq, health: status };
}

interface TapeContent {
  readonly lastSeq: number;
  /** By symbol: lines of trades by id, and of quotes, in tape order. */
  readonly trades: ReadonlyMap<string, Map<number, string>>;
  readonly quotes: ReadonlyMap<string, string[]>;
  readonly doubledTrades: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Reads the whole tape; it must be numbered 1, 2, 3, … without a hole. */
async function readWhole(dataDir: string): Promise<TapeContent> {
  const universe = new Universe();
  const trades = new Map(SYMBOLS.map((symbol) => [symbol, new Map<number, string>()]));
  const quotes = new Map(SYMBOLS.map((symbol) => [symbol, [] as string[]]));
  let [lastSeq, doubledTrades] = [0, 0];
  let [fromUs, toUs] = [Number.POSITIVE_INFINITY, 0];
  for await (const batch of readTape({ dataDir, universe })) {
    for (let row = 0; row < batch.length; row++) {
      if (batch.seq[row] !== lastSeq + 1) throw new Error(`seq ${batch.seq[row]} follows ${lastSeq}`);
      lastSeq++;
      const kind = batch.kind[row];
      if (kind !== EventKind.Trade && kind !== EventKind.Quote) continue;
      const us = batch.tsEventUs[row] as number;
      fromUs = Math.min(fromUs, us);
      toUs = Math.max(toUs, us);
      const symbol = universe.symbol(batch.symbol[row] as number);
      const line = [
        us,
        batch.p0[row],
        batch.p1[row],
        ...(kind === EventKind.Quote ? [batch.p2[row], batch.p3[row]] : []),
      ];
      if (kind === EventKind.Quote) quotes.get(symbol)?.push(line.join(' '));
      else {
        const ofSymbol = trades.get(symbol) as Map<number, string>;
        const id = batch.idNum[row] as number;
        if (ofSymbol.has(id)) doubledTrades++;
        ofSymbol.set(id, line.join(' '));
      }
    }
  }
  return { lastSeq, trades, quotes, doubledTrades, fromUs, toUs };
}

/** The market as it is: the demo source is a pure function of time. */
function truth(fromUs: number, toUs: number): Pick<TapeContent, 'trades' | 'quotes'> {
  const universe = new Universe();
  const source = new DemoSource({ universe, clock: systemClock }, { rate: RATE, symbols: SYMBOLS });
  const trades = new Map(SYMBOLS.map((symbol) => [symbol, new Map<number, string>()]));
  const quotes = new Map(SYMBOLS.map((symbol) => [symbol, [] as string[]]));
  for (const batch of source.past(fromUs, toUs + 1)) {
    for (let row = 0; row < batch.length; row++) {
      const symbol = universe.symbol(batch.symbol[row] as number);
      const [us, a, b, c, d] = [batch.tsEventUs, batch.p0, batch.p1, batch.p2, batch.p3].map((column) => column[row]);
      if (batch.kind[row] === EventKind.Quote) quotes.get(symbol)?.push([us, a, b, c, d].join(' '));
      else trades.get(symbol)?.set(batch.idNum[row] as number, [us, a, b].join(' '));
    }
  }
  return { trades, quotes };
}

describe('kill -9', () => {
  it(
    `${KILLS} times at random moments: everything acknowledged is on the tape once, the rest is fetched again`,
    async () => {
      using folder = scratch();
      const dataDir = folder.path;
      const random = new Prng(SEED);
      const seen: { durableSeq: number; health: string; lifeMs: number }[] = [];
      for (let round = 0; round < KILLS; round++) {
        // Every third one is killed in the middle of its recovery, or soon after it.
        const isFromReady = round % 3 !== 2;
        const lifeMs = Math.round(random.uniform() * (isFromReady ? 2_500 : 4_000));
        seen.push({ ...(await runAndKill(dataDir, lifeMs, isFromReady)), lifeMs });
      }
      const promised = Math.max(...seen.map(({ durableSeq }) => durableSeq));
      expect(promised).toBeGreaterThan(10_000);

      await using live = await LiveTickloom.start(dataDir, ...FLAGS);
      const health = await live.untilHealth(({ status }) => status === 'ok');
      expect(health.components.recorder.durable_seq).toBeGreaterThanOrEqual(promised);
      await new Promise((done) => setTimeout(done, 1_500));
      expect(await live.stop()).toMatchObject({ code: 0 });

      const runs = await new RunsCatalogue(nodeFileSystem, tapeDirectory(dataDir)).list();
      let events = 0;
      for (const run of runs) {
        const report = await answerOf<VerifyReport>(['verify', '--run', run.id, '--data-dir', dataDir]);
        expect(report, JSON.stringify(report)).toMatchObject({ digest_ok: true, duplicates: 0, holes: 0 });
        events += report.events;
      }
      const tape = await readWhole(dataDir);
      expect(tape.lastSeq).toBeGreaterThanOrEqual(promised);
      expect(events).toBe(tape.lastSeq);
      expect(tape.doubledTrades).toBe(0);
      const market = truth(tape.fromUs, tape.toUs);
      for (const symbol of SYMBOLS) {
        expect(tape.trades.get(symbol)).toEqual(market.trades.get(symbol));
        expect(tape.quotes.get(symbol)?.toSorted()).toEqual(market.quotes.get(symbol)?.toSorted());
      }

      checkSqliteFile(join(dataDir, 'tickloom.db'));
      const database = new DatabaseSync(join(dataDir, 'tickloom.db'), { readOnly: true });
      expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
      database.close();
      const lake = await LakeStore.openForReading(dataDir);
      expect(lake.state().missing).toEqual([]);
      expect(lake.coveredSeq).toBe(tape.lastSeq);
      await lake.close();
      for (const symbol of SYMBOLS) {
        const rows = await exported(dataDir, symbol, 'trades', '--columns', 'all');
        const ids = rows.map(({ id }) => Number(id)).sort((a, b) => a - b);
        expect(
          ids.every((id, i) => i === 0 || id === (ids[i - 1] as number) + 1),
          `${symbol}: ids without a hole`,
        ).toBe(true);
        expect(ids.length).toBe(tape.trades.get(symbol)?.size);
        const lines = new Map(
          rows.map(({ id, ts, price, size }) => [Number(id), `${Math.round(Number(ts) * 1_000)} ${price} ${size}`]),
        );
        expect(lines).toEqual(market.trades.get(symbol));
      }
      const ages = seen
        .map(({ lifeMs, health: state, durableSeq }) => `${lifeMs} ms ${state} ${durableSeq}`)
        .join('; ');
      console.info(`${KILLS} kills (${ages}); ${runs.length} runs verified, ${tape.lastSeq} events on the tape`);
    },
    60_000 + KILLS * 60_000,
  );
});
