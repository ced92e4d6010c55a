import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/base/index.ts';
import { PolledSource, SourceRequests } from '../../src/collector/index.ts';
import { silentLog, systemClock } from '../../src/host/index.ts';
import { EventBatch, EventKind, Universe } from '../../src/model/index.ts';
import { findSimulator, parseFault, SimulatedTape, Simulator, SimulatorLog } from '../../src/simulators/index.ts';
import { ADAPTERS, type AdapterDefinition } from '../../src/sources/index.ts';

const SECOND_US = 1_000_000;
/** 15:00 UTC of a Thursday: a session of every market. */
const START_US = 1_763_650_800 * SECOND_US;

interface PolledRun {
  /** `kind symbol time values` of what went on. */
  readonly rows: readonly string[];
  readonly statuses: readonly string[];
}

async function* oneBatch(batch: EventBatch): AsyncGenerator<EventBatch> {
  yield batch;
}

/** Sixty trades at a distance. */
function tape(symbol: string, stepUs: number, universe: Universe): EventBatch {
  const batch = new EventBatch(60);
  const source = universe.sources.intern('tape');
  for (let i = 0; i < 60; i++) {
    const tsUs = START_US + i * stepUs;
    batch.addTrade(universe.intern(symbol), source, tsUs, tsUs, 100 + i / 4, 1 + (i % 3));
  }
  return batch;
}

interface PollOptions {
  readonly provider: string;
  /** What the tape holds, ten seconds apart unless said. */
  readonly symbol: string;
  readonly stepUs?: number;
  readonly wanted?: string;
  readonly faults?: readonly string[];
  until(run: PolledRun): boolean;
}

async function poll(options: PollOptions): Promise<PolledRun> {
  const { provider, symbol, stepUs = 10 * SECOND_US, wanted = symbol, faults = [], until } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tickloom-polled-'));
  const tapeUniverse = new Universe();
  const simulator = new Simulator(findSimulator(provider), {
    tape: await SimulatedTape.load(oneBatch(tape(symbol, stepUs, tapeUniverse)), tapeUniverse),
    speed: Number.POSITIVE_INFINITY,
    seed: 1,
    faults: faults.map(parseFault),
    clock: systemClock,
    log: await SimulatorLog.open(undefined, systemClock),
  });
  const port = await simulator.listen(0);
  const definition = ADAPTERS.find(({ id }) => id === provider) as AdapterDefinition;
  const universe = new Universe();
  const settings = { stream_url: '', rest_url: `http://127.0.0.1:${port}`, symbols: {}, plan: '' };
  const adapter = definition.create({ universe, wanted: [wanted], settings, secret: () => 'test-key' });
  const requests = new SourceRequests({
    adapter: { ...adapter, refusal: (answer) => adapter.refusal(answer), limits: { perSecond: 50, concurrent: 2 } },
    definition,
    clock: systemClock,
    log: silentLog,
    poolSize: 2,
    limitsPath: join(folder, 'limits.json'),
  });
  // The provider's own pace is for people; the rounds of a test follow each other quickly.
  const quick = adapter.poll === undefined ? adapter : { ...adapter, poll: quickly(adapter.poll) };
  const source = new PolledSource({
    adapter: quick,
    requests,
    universe,
    clock: systemClock,
    log: silentLog,
    intervalMs: 50,
  });
  const rows: string[] = [];
  const statuses: string[] = [];
  const stop = new AbortController();
  const longest = setTimeout(() => stop.abort(), 15_000);
  const run = { rows, statuses };
  try {
    for await (const batch of source.stream(stop.signal, { afterUs: 0 })) {
      for (let row = 0; row < batch.length; row++) {
        const payload = batch.payload[row];
        if (payload?.type === 'status') statuses.push(payload.state);
        else rows.push(textOf(batch, row, universe));
      }
      if (until(run)) stop.abort();
    }
  } finally {
    clearTimeout(longest);
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return run;
}

function quickly<Poll extends { readonly maxSymbols: number; query(symbols: readonly string[]): unknown }>(poll: Poll) {
  return {
    everyMs: 50,
    maxSymbols: poll.maxSymbols,
    query: (symbols: readonly string[]) => poll.query(symbols) as ReturnType<Poll['query']>,
  };
}

function textOf(batch: EventBatch, row: number, universe: Universe): string {
  const symbol = universe.symbol(batch.symbol[row] as number);
  const isBar = batch.kind[row] === EventKind.SourceBar;
  const columns = isBar ? [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4] : [batch.p0, batch.p1];
  return `${isBar ? 'bar' : 'trade'} ${symbol} ${batch.tsEventUs[row]} ${columns.map((column) => column[row]).join(' ')}`;
}

describe('a polled source over real requests', { timeout: 30_000 }, () => {
  it.each(['yahoo', 'alphavantage'])('%s: bars of the day, each once', async (provider) => {
    const run = await poll({ provider, symbol: 'IBM', until: ({ rows }) => rows.length >= 9 });
    const expected = Array.from({ length: 9 }, (_, minute) => {
      const first = minute * 6;
      const prices = [100 + first / 4, 100 + (first + 5) / 4, 100 + first / 4, 100 + (first + 5) / 4];
      return `bar IBM ${START_US + minute * 60 * SECOND_US} ${prices.join(' ')} 12`;
    });
    expect(run.rows.slice(0, 9)).toEqual(expected);
    expect(new Set(run.rows).size).toBe(run.rows.length);
    expect(run.statuses).toEqual(['connected']);
  });

  it('coingecko: the last price at its own time, once', async () => {
    const run = await poll({ provider: 'coingecko', symbol: 'BTCUSD', until: ({ rows }) => rows.length >= 1 });
    expect(run.rows.at(-1)).toBe(`trade BTCUSD ${START_US + 590 * SECOND_US} 114.75 0`);
  });

  it('fred: values as they are published, each once', async () => {
    // Four trades a day; the close of a day is published on the next.
    const stepUs = 21_600 * SECOND_US;
    const run = await poll({ provider: 'fred', symbol: 'DGS10', stepUs, until: ({ rows }) => rows.length >= 10 });
    expect(run.rows).toHaveLength(10);
    const values = run.rows.map((row) => Number(row.split(' ')[3]));
    expect(values.every((value, i) => i === 0 || value === (values[i - 1] as number) + 1)).toBe(true);
  });

  it('failing answers in between change nothing', async () => {
    const until = ({ rows }: PolledRun) => rows.length >= 9;
    const run = await poll({ provider: 'yahoo', symbol: 'IBM', faults: ['5xx=2'], until });
    expect(run.rows.length).toBeGreaterThanOrEqual(9);
  });

  it('a refused key ends it with one message', async () => {
    const polling = poll({ provider: 'fred', symbol: 'DGS10', faults: ['wrong-key'], until: () => false });
    await expect(polling).rejects.toThrow(UsageError);
  });

  it('a symbol that the provider does not carry ends it with a message that names it', async () => {
    const polling = poll({ provider: 'yahoo', symbol: 'IBM', wanted: 'MSFT', until: () => false });
    await expect(polling).rejects.toThrow(/yahoo does not carry MSFT/);
  });
});
