import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeriesBlocks } from '../../../src/engine/analysis/series-blocks.ts';

/** A block that adds up what it is given: its state shows every bar it has seen. */
function feed(blocks: SeriesBlocks, series: number, value: number): void {
  blocks.ensure(series + 1);
  const ordinal = blocks.beginBar(series);
  const at = blocks.at(series);
  blocks.data[at] = (blocks.data[at] as number) * 3 + value;
  blocks.data[at + 1] = ordinal;
}

const step = fc.record({
  series: fc.integer({ min: 0, max: 3 }),
  back: fc.integer({ min: 0, max: 6 }),
  values: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
});

test('going back and feeding other bars equals having fed only those', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const blocks = new SeriesBlocks(Float64Array.of(1, -1), 4);
      const fed: number[][] = [[], [], [], []];
      const peaks = [0, 0, 0, 0];
      for (const { series, back, values } of steps) {
        const list = fed[series] as number[];
        const ordinal = list.length - back;
        blocks.ensure(series + 1);
        if (!blocks.canRewind(series, ordinal)) {
          expect((peaks[series] as number) - ordinal > 4 || ordinal < 0).toBe(true);
          continue;
        }
        blocks.rewind(series, ordinal);
        list.length = ordinal;
        for (const value of values) {
          feed(blocks, series, value);
          list.push(value);
          peaks[series] = Math.max(peaks[series] as number, list.length);
        }
      }
      fed.forEach((list, series) => {
        blocks.ensure(series + 1);
        const plain = new SeriesBlocks(Float64Array.of(1, -1), 4);
        plain.ensure(1);
        for (const value of list) feed(plain, 0, value);
        expect(blocks.barCount(series)).toBe(list.length);
        const at = blocks.at(series);
        expect([blocks.data[at], blocks.data[at + 1]]).toEqual([plain.data[0], plain.data[1]]);
      });
    }),
  );
});

test('a block that was saved goes on and back as the one that was saved', () => {
  const first = new SeriesBlocks(Float64Array.of(1, -1), 4);
  for (const value of [1, 2, 3, 4, 5]) feed(first, 2, value);
  const second = new SeriesBlocks(Float64Array.of(1, -1), 4);
  second.restore(first.snapshot());
  second.rewind(2, 3);
  first.rewind(2, 3);
  for (const blocks of [first, second]) feed(blocks, 2, 7);
  expect(second.data[second.at(2)]).toBe(first.data[first.at(2)]);
});
