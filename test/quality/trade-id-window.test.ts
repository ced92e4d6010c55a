import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readIdRuns, writeIdRuns } from '../../src/quality/id-runs.ts';
import { TradeIdWindow } from '../../src/quality/index.ts';

/** The plainest thing that does the same: two plain sets. */
class Model {
  older = new Set<string>();
  newer = new Set<string>();
  evicted = 0;
  readonly half: number;

  constructor(capacity: number) {
    this.half = Math.max(1, Math.floor(capacity / 2));
  }

  add(key: string): boolean {
    if (this.older.has(key) || this.newer.has(key)) return false;
    if (this.newer.size === this.half) {
      this.evicted += this.older.size;
      this.older = this.newer;
      this.newer = new Set();
    }
    this.newer.add(key);
    return true;
  }
}

/** Number of ids in a text of runs. */
function held(text: string): number {
  let ids = 0;
  readIdRuns(text, (_exchange, _first, count) => {
    ids += count;
  });
  return ids;
}

describe('the window of trade ids', () => {
  const ids = fc.oneof(
    fc.integer({ min: -5, max: 60 }),
    // Ids that differ only above 32 bits, as venue ids that hold a date do.
    fc.integer({ min: 0, max: 30 }).map((high) => high * 2 ** 32 + 1),
    fc.maxSafeInteger(),
  );

  const operations = fc.array(fc.tuple(ids, fc.integer({ min: 0, max: 2 })), { maxLength: 600 });

  it('remembers and forgets as two plain sets do, also across a snapshot', () => {
    fc.assert(
      fc.property(operations, fc.integer({ min: 1, max: 40 }), fc.nat({ max: 600 }), (adds, capacity, cut) => {
        let window = new TradeIdWindow(capacity);
        const model = new Model(capacity);
        adds.forEach(([id, exchange], i) => {
          if (i === cut) window = TradeIdWindow.restore(capacity, JSON.parse(JSON.stringify(window.snapshot())));
          expect(window.add(id, exchange)).toBe(model.add(`${id} ${exchange}`));
        });
        expect(window.evicted).toBe(model.evicted);
        const { older, newer } = window.snapshot();
        expect(held(older) + held(newer)).toBeLessThanOrEqual(Math.max(2, capacity));
      }),
      { numRuns: 300 },
    );
  });

  it('grows without forgetting: while below half the bound every id is known', () => {
    fc.assert(
      fc.property(operations, (adds) => {
        const window = new TradeIdWindow(16_384);
        const seen = new Set<string>();
        for (const [id, exchange] of adds) {
          const key = `${id} ${exchange}`;
          expect(window.add(id, exchange)).toBe(!seen.has(key));
          seen.add(key);
        }
        for (const [id, exchange] of adds) expect(window.add(id, exchange)).toBe(false);
        expect(window.evicted).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('does the same for text ids, apart from the numeric ones', () => {
    const window = new TradeIdWindow(4);
    const added = ['a', 'b', 'c', 'a', 'd', 'e', 'd', 'a'].map((id) => window.addText(id, 1));
    expect(added).toEqual([true, true, true, false, true, true, false, true]);
    expect(window.evicted).toBe(2);
    expect(window.addText('e', 2)).toBe(true);
    expect(window.add(1, 1)).toBe(true);
    expect(window.addText('1', 1)).toBe(true);
  });

  it('knows at least the last 8,192 of a long run, and at most 16,384', () => {
    const window = new TradeIdWindow(16_384);
    for (let id = 0; id < 100_000; id++) window.add(id, 0);
    const { older, newer } = window.snapshot();
    const kept = held(older) + held(newer);
    // Each half is one run.
    expect(older.length + newer.length).toBeLessThan(40);
    expect(kept).toBeGreaterThanOrEqual(8_192);
    expect(kept).toBeLessThanOrEqual(16_384);
    expect(window.evicted).toBe(100_000 - kept);
    for (let id = 100_000 - 8_192; id < 100_000; id++) if (window.add(id, 0)) throw new Error(`forgot ${id}`);
    expect(window.add(0, 0)).toBe(true);
  });

  it('writes ids as text and reads the same ones', () => {
    const far = fc.oneof(ids, fc.constantFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 0, -1));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.uniqueArray(far))), (sets) => {
        const byExchange = new Map(sets.filter(([, list]) => list.length > 0));
        const read = new Map<number, number[]>();
        readIdRuns(writeIdRuns(byExchange), (exchange, first, count) => {
          read.set(exchange, [...(read.get(exchange) ?? []), ...Array.from({ length: count }, (_, n) => first + n)]);
        });
        const sorted = new Map([...byExchange].map(([key, list]) => [key, list.toSorted((a, b) => a - b)]));
        expect(read).toEqual(sorted);
      }),
    );
  });
});
