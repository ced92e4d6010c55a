import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TradeIdWindow } from '../../src/quality/index.ts';

/** The plainest thing that does the same: a list of the last ids. */
class Model {
  readonly kept: string[] = [];
  evicted = 0;
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  add(key: string): boolean {
    if (this.kept.includes(key)) return false;
    if (this.kept.length === this.capacity) {
      this.kept.shift();
      this.evicted++;
    }
    this.kept.push(key);
    return true;
  }
}

describe('the window of trade ids', () => {
  const ids = fc.oneof(
    fc.integer({ min: -5, max: 60 }),
    // Ids that differ only above 32 bits, as venue ids that hold a date do.
    fc.integer({ min: 0, max: 30 }).map((high) => high * 2 ** 32 + 1),
    fc.maxSafeInteger(),
  );

  it('behaves as a list of the last ids', () => {
    const operations = fc.array(fc.tuple(ids, fc.integer({ min: 0, max: 2 })), { maxLength: 600 });
    fc.assert(
      fc.property(operations, fc.integer({ min: 1, max: 40 }), (adds, capacity) => {
        const window = new TradeIdWindow(capacity);
        const model = new Model(capacity);
        for (const [id, exchange] of adds) expect(window.add(id, exchange)).toBe(model.add(`${id} ${exchange}`));
        expect(window.evicted).toBe(model.evicted);
        const numbers = window.numbers();
        const pairs = model.kept.map((_, i) => `${numbers[2 * i]} ${numbers[2 * i + 1]}`);
        expect(pairs).toEqual(model.kept);
      }),
      { numRuns: 300 },
    );
  });

  it('does the same for text ids, apart from the numeric ones', () => {
    const window = new TradeIdWindow(3);
    expect(['a', 'b', 'c', 'a', 'd', 'a', 'd'].map((id) => window.addText(id, 1))).toEqual([
      true,
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
    expect(window.evicted).toBe(2);
    expect(window.add(1, 1)).toBe(true);
    expect(window.addText('1', 1)).toBe(true);
  });

  it('keeps the last 16,384 of a long run and forgets what is older', () => {
    const window = new TradeIdWindow(16_384);
    for (let id = 0; id < 100_000; id++) window.add(id, 0);
    expect(window.evicted).toBe(100_000 - 16_384);
    let known = 0;
    for (let id = 100_000 - 16_384; id < 100_000; id++) if (!window.add(id, 0)) known++;
    expect(known).toBe(16_384);
    expect(window.add(0, 0)).toBe(true);
  });
});
