import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventBatch, EventKind, guessInstrument, Universe } from '../../src/model/index.ts';
import { paceEvents, selectEvents } from '../../src/replay/index.ts';
import { ManualClock } from '../support/manual-clock.ts';

function universe(): Universe {
  const tables = new Universe();
  for (const symbol of ['AAPL', 'MSFT']) tables.add(guessInstrument(symbol));
  return tables;
}

async function* stream(times: readonly number[], batchSize: number): AsyncGenerator<EventBatch> {
  const batch = new EventBatch(Math.max(1, batchSize));
  for (let i = 0; i < times.length; i += batchSize) {
    batch.clear();
    for (const us of times.slice(i, i + batchSize)) {
      const row = batch.addTrade(batch.length % 2, 0, us, us, us, 1);
      batch.setId(row, us);
    }
    batch.rawOf = (row) => `raw ${batch.p0[row]}`;
    yield batch;
  }
}

describe('paceEvents', () => {
  it('gives every event at its time on the clock, divided by the speed, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(3_000_000), { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom(0.5, 1, 10, 1_000),
        async (offsets, batchSize, speed) => {
          const times = offsets.map((us) => us + 1).sort((a, b) => a - b);
          const clock = new ManualClock(0);
          const start = clock.monotonicMs();
          const seen: number[] = [];
          for await (const batch of paceEvents(stream(times, batchSize), { speed, clock })) {
            const elapsedUs = (clock.monotonicMs() - start) * 1_000 * speed;
            for (let row = 0; row < batch.length; row++) {
              const us = batch.tsRecvUs[row] as number;
              const dueUs = us - (times[0] as number);
              expect(elapsedUs).toBeGreaterThanOrEqual(dueUs - 1e-6);
              expect(elapsedUs).toBeLessThanOrEqual(dueUs + 21_000 * speed);
              expect(batch.rawOf?.(row)).toBe(`raw ${us}`);
              seen.push(us);
            }
          }
          expect(seen).toEqual(times);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('stops when it is told to, also in the middle of a long wait', async () => {
    const clock = new ManualClock(0);
    const abort = new AbortController();
    let count = 0;
    const far = [1, 2, 3_600_000_000];
    for await (const batch of paceEvents(stream(far, 3), { speed: 1, clock, signal: abort.signal })) {
      count += batch.length;
      abort.abort();
    }
    expect(count).toBe(1);
  });
});

describe('selectEvents', () => {
  it('gives exactly the wanted events, half-open, with their raw texts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(100), { maxLength: 60 }),
        fc.nat(100),
        fc.nat(100),
        fc.constantFrom<string[] | undefined>(undefined, ['AAPL'], ['MSFT', 'AAPL'], ['TSLA']),
        async (times, fromUs, toUs, symbols) => {
          const tables = universe();
          const selection = symbols === undefined ? { fromUs, toUs } : { fromUs, toUs, symbols };
          const seen: string[] = [];
          for await (const batch of selectEvents(stream(times, 7), tables, selection)) {
            for (let row = 0; row < batch.length; row++) {
              expect(batch.rawOf?.(row)).toBe(`raw ${batch.p0[row]}`);
              seen.push(`${tables.symbol(batch.symbol[row] as number)} ${batch.tsEventUs[row]}`);
            }
          }
          const all = times.map((us, i) => ({ us, symbol: (i % 7) % 2 === 0 ? 'AAPL' : 'MSFT' }));
          const wanted = all.filter(
            ({ us, symbol }) => us >= fromUs && us < toUs && (symbols?.includes(symbol) ?? true),
          );
          expect(seen).toEqual(wanted.map(({ us, symbol }) => `${symbol} ${us}`));
        },
      ),
    );
  });

  it('lets events of no symbol pass and leaves an unselected stream alone', async () => {
    const batch = new EventBatch(1);
    batch.begin(EventKind.Tick, -1, 0, 5, 5);
    const events = (async function* () {
      yield batch;
    })();
    expect(selectEvents(events, universe(), {})).toBe(events);
    let count = 0;
    for await (const selected of selectEvents(events, universe(), { symbols: ['AAPL'] })) count += selected.length;
    expect(count).toBe(1);
  });
});
