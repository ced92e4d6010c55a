import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdRanges } from '../../src/collector/id-ranges.ts';

const ids = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 80 });

test('ids in any order: what is held, what is missing and what is doubled agree with a plain set', () => {
  fc.assert(
    fc.property(ids, (list) => {
      const ranges = new IdRanges();
      const seen = new Set<number>();
      for (const id of list) {
        expect(ranges.add(id, id * 10)).toBe(!seen.has(id));
        seen.add(id);
      }
      const sorted = [...seen].sort((a, b) => a - b);
      const missing = Array.from({ length: 60 }, (_, i) => i + 1).filter(
        (id) => !seen.has(id) && id > (sorted[0] as number) && id < (sorted.at(-1) as number),
      );
      const holes = ranges.holes();
      const listed = holes.flatMap(({ fromId, toId }) =>
        Array.from({ length: toId - fromId + 1 }, (_, i) => fromId + i),
      );
      expect(listed).toEqual(missing);
      for (const hole of holes) {
        expect(ranges.missingIn(hole)).toBe(hole.toId - hole.fromId + 1);
        expect([hole.fromUs, hole.toUs]).toEqual([(hole.fromId - 1) * 10, (hole.toId + 1) * 10]);
      }
      expect(ranges.lastId).toBe(sorted.at(-1));
      for (let id = 0; id <= 61; id++) expect(ranges.has(id)).toBe(seen.has(id));
    }),
  );
});

test('a hole that is given up is none any more, one that is filled closes', () => {
  const ranges = new IdRanges();
  for (const id of [1, 2, 5, 9]) ranges.add(id, id);
  const [first, second] = ranges.holes();
  ranges.forget(first as NonNullable<typeof first>);
  expect(ranges.holes()).toEqual([second]);
  for (const id of [8, 6, 7]) expect(ranges.add(id, id)).toBe(true);
  expect(ranges.hasHole).toBe(false);
  expect(ranges.missingIn(second as NonNullable<typeof second>)).toBe(0);
});
