import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Calendars } from '../../src/calendar/index.ts';
import { EodSource, eodLimits, SourceRequests } from '../../src/collector/index.ts';
import { silentLog, systemClock } from '../../src/host/index.ts';
import { EventBatch, EventKind, Universe } from '../../src/model/index.ts';
import { findSimulator, SimulatedTape, Simulator, SimulatorLog } from '../../src/simulators/index.ts';
import { ADAPTERS, type AdapterDefinition } from '../../src/sources/index.ts';
import { ManualClock } from '../support/manual-clock.ts';

const DAY_US = 86_400_000_000;
const MINUTE_US = 60_000_000;
const SYMBOLS = Array.from({ length: 12 }, (_, i) => `E${String.fromCharCode(65 + i)}`);
/** Sunday 2026-11-08, 12:00 UTC. */
const SUNDAY_US = Date.UTC(2026, 10, 8, 12) * 1_000;

async function* oneBatch(batch: EventBatch): AsyncGenerator<EventBatch> {
  yield batch;
}

it('asks for the bars of days once a day, after the close, five requests a minute at most', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tickloom-eod-'));
  const clock = new ManualClock(SUNDAY_US);
  const calendars = new Calendars();
  const sessions = calendars
    .get('us-equity')
    .sessionsBetween(SUNDAY_US - 7 * DAY_US, SUNDAY_US + 7 * DAY_US, ['regular']);
  const tapeUniverse = new Universe();
  const rows = new EventBatch(SYMBOLS.length * sessions.length);
  const tapeSource = tapeUniverse.sources.intern('tape');
  for (const [d, { startUs }] of sessions.entries()) {
    for (const symbol of SYMBOLS) {
      rows.addTrade(tapeUniverse.intern(symbol), tapeSource, startUs + MINUTE_US, startUs + MINUTE_US, 100 + d, 5);
    }
  }
  const log = await SimulatorLog.open(join(folder, 'log.jsonl'), clock);
  const tape = await SimulatedTape.load(oneBatch(rows), tapeUniverse);
  const options = { tape, speed: Number.POSITIVE_INFINITY, seed: 1, faults: [], clock: systemClock, log };
  const simulator = new Simulator(findSimulator('alpaca'), { ...options, history: 'all' });
  const port = await simulator.listen(0);
  const universe = new Universe();
  const definition = ADAPTERS.find(({ id }) => id === 'alpaca') as AdapterDefinition;
  const settings = { stream_url: '', rest_url: `http://127.0.0.1:${port}`, symbols: {}, plan: '' };
  const made = definition.create({ universe, wanted: SYMBOLS, settings, secret: () => 'test-key' });
  const adapter = { ...made, limits: eodLimits(made.limits) };
  const limitsPath = join(folder, 'limits.json');
  const requests = new SourceRequests({ adapter, definition, clock, log: silentLog, poolSize: 1, limitsPath });
  const source = new EodSource({ adapter, requests, universe, calendars, clock, log: silentLog });
  const stop = new AbortController();
  clock.perSleep = (nowUs) => {
    // Until Thursday morning: the closes of three sessions have passed.
    if (nowUs > SUNDAY_US + 3.75 * DAY_US) stop.abort();
  };
  const bars: string[] = [];
  try {
    for await (const batch of source.stream(stop.signal)) {
      for (let row = 0; row < batch.length; row++) {
        if (batch.kind[row] !== EventKind.SourceBar) continue;
        bars.push(`${universe.symbol(batch.symbol[row] as number)} ${batch.tsEventUs[row]}`);
      }
    }
  } finally {
    await simulator.close();
  }
  const asked = readFileSync(join(folder, 'log.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; at_us: number })
    .filter(({ type }) => type === 'request')
    .map(({ at_us }) => at_us);
  rmSync(folder, { recursive: true, force: true });
  // A round at the start and one after each of three closes.
  expect(asked.length).toBe(4 * SYMBOLS.length);
  for (const atUs of asked) {
    expect(asked.filter((each) => each > atUs - MINUTE_US && each <= atUs).length).toBeLessThanOrEqual(5);
  }
  const closes = sessions.map(({ endUs }) => endUs).filter((endUs) => endUs > SUNDAY_US);
  for (const [i, atUs] of asked.slice(SYMBOLS.length).entries()) {
    const closeUs = closes[Math.floor(i / SYMBOLS.length)] as number;
    expect(atUs).toBeGreaterThanOrEqual(closeUs + 15 * MINUTE_US);
    expect(atUs).toBeLessThan(closeUs + 30 * MINUTE_US);
  }
  // Each day of each symbol once: what is known is not passed on again.
  expect(new Set(bars).size).toBe(bars.length);
  expect(bars.length).toBe(SYMBOLS.length * 8);
}, 20_000);
