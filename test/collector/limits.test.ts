import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TickloomError } from '../../src/base/index.ts';
import { PolledSource, SourceRequests } from '../../src/collector/index.ts';
import { RateLimiter, silentLog, systemClock } from '../../src/host/index.ts';
import { EventBatch, Universe } from '../../src/model/index.ts';
import { findSimulator, SimulatedTape, Simulator, SimulatorLog } from '../../src/simulators/index.ts';
import { ADAPTERS, type AdapterDefinition, type PlanLimits } from '../../src/sources/index.ts';
import { ManualClock } from '../support/manual-clock.ts';

const SECOND_US = 1_000_000;
/** 15:00 UTC of a Thursday. */
const START_US = 1_763_650_800 * SECOND_US;
const TEN_MINUTES_US = 600 * SECOND_US;
const SYMBOLS = Array.from({ length: 200 }, (_, i) => `T${String.fromCharCode(65 + (i % 26))}${i}`);

interface Asked {
  readonly atUs: number;
  readonly cost: number;
}

async function* oneBatch(batch: EventBatch): AsyncGenerator<EventBatch> {
  yield batch;
}

/** Polls 200 symbols for ten minutes of a clock that stands still but for what is slept. */
async function tenMinutes(provider: string, restarts = 0) {
  const folder = mkdtempSync(join(tmpdir(), 'tickloom-limits-'));
  const clock = new ManualClock(START_US);
  const path = join(folder, 'log.jsonl');
  const log = await SimulatorLog.open(path, clock);
  const tapeUniverse = new Universe();
  const rows = new EventBatch(SYMBOLS.length);
  const source = tapeUniverse.sources.intern('tape');
  for (const symbol of SYMBOLS) {
    rows.addTrade(tapeUniverse.intern(symbol), source, START_US, START_US, 100, 1);
  }
  const tape = await SimulatedTape.load(oneBatch(rows), tapeUniverse);
  const simulator = new Simulator(findSimulator(provider), {
    ...{ tape, speed: Number.POSITIVE_INFINITY, seed: 1, faults: [], history: 'all', clock: systemClock, log },
  });
  const port = await simulator.listen(0);
  const definition = ADAPTERS.find(({ id }) => id === provider) as AdapterDefinition;
  const settings = { stream_url: '', rest_url: `http://127.0.0.1:${port}`, symbols: {}, plan: '' };
  let limits: PlanLimits = { concurrent: 1 };
  try {
    for (let run = 0; run <= restarts; run++) {
      const universe = new Universe();
      const made = definition.create({ universe, wanted: SYMBOLS, settings, secret: () => 'test-key' });
      // One at a time: a clock that is moved by hand may not run on while an answer is under way.
      limits = { ...made.limits, concurrent: 1 };
      const adapter = { ...made, limits, refusal: made.refusal.bind(made), instruments: made.instruments.bind(made) };
      const limitsPath = join(folder, 'limits.json');
      const options = { adapter, definition, clock, log: silentLog, poolSize: 4, limitsPath };
      const requests = new SourceRequests(options);
      const polled = new PolledSource({ adapter, requests, universe, clock, log: silentLog, intervalMs: 1_000 });
      const stop = new AbortController();
      const endUs = START_US + (TEN_MINUTES_US * (run + 1)) / (restarts + 1);
      clock.perSleep = (nowUs) => {
        if (nowUs >= endUs) stop.abort();
      };
      for await (const _batch of polled.stream(stop.signal, { afterUs: 0 })) if (stop.signal.aborted) break;
    }
  } finally {
    await simulator.close();
  }
  const asked = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; at_us: number; url: string })
    .filter(({ type }) => type === 'request')
    .map(({ at_us, url }): Asked => ({ atUs: at_us, cost: costOf(provider, url) }));
  rmSync(folder, { recursive: true, force: true });
  return { asked, limits };
}

/** What a request takes of the plan: Twelve Data counts symbols. */
function costOf(provider: string, url: string): number {
  if (provider !== 'twelvedata') return 1;
  return (new URL(url, 'http://simulator').searchParams.get('symbol') ?? '').split(',').length;
}

/** The most that falls into any stretch of a length, wherever it begins. */
function most(asked: readonly Asked[], lengthUs: number): number {
  let [from, sum, highest] = [0, 0, 0];
  for (const { atUs, cost } of asked) {
    sum += cost;
    while ((asked[from] as Asked).atUs <= atUs - lengthUs) sum -= (asked[from++] as Asked).cost;
    highest = Math.max(highest, sum);
  }
  return highest;
}

describe('ten minutes of 200 symbols', () => {
  for (const provider of ['yahoo', 'alphavantage', 'twelvedata', 'fred']) {
    for (const restarts of [0, 3]) {
      it(`${provider} is never asked for more than its plan has, ${restarts} restarts`, async () => {
        const { asked, limits } = await tenMinutes(provider, restarts);
        const { perSecond = Infinity, perMinute = Infinity, perDay = Infinity } = limits;
        const found = [most(asked, SECOND_US), most(asked, 60 * SECOND_US), most(asked, 86_400 * SECOND_US)];
        expect(found[0]).toBeLessThanOrEqual(perSecond);
        expect(found[1]).toBeLessThanOrEqual(perMinute);
        expect(found[2]).toBeLessThanOrEqual(perDay);
        // It is asked as much as it may be, or nothing would be proved.
        const least = Math.min(perSecond * 300, perMinute * 7, perDay);
        expect(asked.reduce((sum, { cost }) => sum + cost, 0)).toBeGreaterThanOrEqual(Math.min(least, 200));
      }, 20_000);
    }
  }
});

describe('background work and a shared plan', () => {
  it('leaves a fifth of every limit and waits for those who go before it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tickloom-limits-'));
    const clock = new ManualClock(START_US);
    const limits = { perMinute: 10, perDay: 25 };
    const limiter = new RateLimiter({ name: 'test', limits, path: join(folder, 'limits.json'), clock });
    let spent = 0;
    const spend = async (): Promise<void> => {
      await limiter.room(1);
      await limiter.take(1);
      spent++;
    };
    for (let i = 0; i < 8; i++) await spend();
    expect(clock.nowUs()).toBe(START_US);
    // The ninth would leave one of ten: it waits until the minute is over, the live one does not.
    await limiter.take(1);
    expect(clock.nowUs()).toBe(START_US);
    await spend();
    expect(clock.nowUs()).toBeGreaterThan(START_US + 60 * SECOND_US);
    while (spent < 19) await spend();
    await expect(spend()).rejects.toMatchObject({ code: 'quota-spent' } satisfies Partial<TickloomError>);
    for (let i = 0; i < 5; i++) await limiter.take(1);
    await expect(limiter.take(1)).rejects.toMatchObject({ code: 'quota-spent' });
    rmSync(folder, { recursive: true, force: true });
  });
});
