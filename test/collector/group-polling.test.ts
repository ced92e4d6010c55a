import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PolledSource, SourceGroup, SourceRequests } from '../../src/collector/index.ts';
import { silentLog, systemClock } from '../../src/host/index.ts';
import { EventBatch, EventKind, Universe } from '../../src/model/index.ts';
import { findSimulator, parseFault, SimulatedTape, Simulator, SimulatorLog } from '../../src/simulators/index.ts';
import { ADAPTERS, type AdapterDefinition } from '../../src/sources/index.ts';

const START_US = 1_763_650_800_000_000;

async function* oneBatch(batch: EventBatch): AsyncGenerator<EventBatch> {
  yield batch;
}

async function simulator(name: string, faults: readonly string[]): Promise<Simulator> {
  const universe = new Universe();
  const batch = new EventBatch(120);
  const source = universe.sources.intern('tape');
  const symbol = universe.intern('AAPL');
  for (let i = 0; i < 120; i++) {
    const tsUs = START_US + i * 1_000_000;
    batch.addTrade(symbol, source, tsUs, tsUs, 100 + i / 100, 1);
  }
  return new Simulator(findSimulator(name), {
    tape: await SimulatedTape.load(oneBatch(batch), universe),
    ...{ speed: 10, seed: 1, faults: faults.map(parseFault), clock: systemClock },
    log: await SimulatorLog.open(undefined, systemClock),
  });
}

test('where the quota of the first polled source is spent the next one serves, and only that is asked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickloom-polled-group-'));
  const universe = new Universe();
  // The first one answers every request with the text of a spent quota.
  const simulators = [await simulator('alphavantage', ['quota-text=100%']), await simulator('yahoo', [])] as const;
  const sources = await Promise.all(
    simulators.map(async (each, at) => {
      const name = at === 0 ? 'alphavantage' : 'yahoo';
      const port = await each.listen(0);
      const definition = ADAPTERS.find(({ id }) => id === name) as AdapterDefinition;
      const settings = { stream_url: '', rest_url: `http://127.0.0.1:${port}`, symbols: {}, plan: '' };
      const adapter = definition.create({ universe, wanted: ['AAPL'], settings, secret: () => 'test-key' });
      const parts = { adapter, universe, clock: systemClock, log: silentLog };
      const limitsPath = join(folder, `${name}.json`);
      const requests = new SourceRequests({ ...parts, definition, poolSize: 2, limitsPath });
      return new PolledSource({ ...parts, requests, intervalMs: 200, follow: () => undefined });
    }),
  );
  const group = new SourceGroup({
    ...{ sources, universe, clock: systemClock, log: silentLog, failBackMs: 60_000, stallMs: 60_000 },
    ...{ maxLagUs: 2e6, graceMs: 0, consensus: undefined, follow: () => undefined },
  });
  const stop = new AbortController();
  const longest = setTimeout(() => stop.abort(), 15_000);
  const served = new Set<string>();
  try {
    for await (const batch of group.stream(stop.signal, { afterUs: 0 })) {
      for (let row = 0; row < batch.length; row++) {
        const kind = batch.kind[row];
        if (kind !== EventKind.Trade && kind !== EventKind.SourceBar) continue;
        served.add(universe.sources.text(batch.source[row] as number));
        stop.abort();
      }
    }
    expect([...served]).toEqual(['yahoo']);
    expect(group.members.map(({ role, serves }) => [role, serves])).toEqual([
      ['stand-by', 0],
      ['serving', 1],
    ]);
    expect(group.members[1]?.takeOvers).toBe(1);
    expect(simulators[0].counters()['requests']).toBe(1);
  } finally {
    clearTimeout(longest);
    await Promise.all(simulators.map((each) => each.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}, 30_000);
