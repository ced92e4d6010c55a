import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinParts, NumberReader, NumberWriter } from '../../src/base/index.ts';

const short = (): Error => new Error('too short');

describe('NumberWriter and NumberReader', () => {
  it('give back single numbers and columns in their order, over the borders of pieces too', () => {
    const step = fc.oneof(
      fc.double({ noDefaultInfinity: false }),
      fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 70_000 })),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        const writer = new NumberWriter();
        const column = Float64Array.from({ length: 70_050 }, (_, i) => i / 7);
        for (const made of steps) {
          if (typeof made === 'number') writer.put(made);
          else writer.putRange(column, made[0], made[0] + made[1]);
        }
        const reader = new NumberReader(joinParts(writer.parts()), short);
        for (const made of steps) {
          if (typeof made === 'number') {
            expect(reader.take()).toBe(made);
            continue;
          }
          const into = new Float64Array(made[1] + 1);
          reader.takeRange(into, 1, made[1] + 1);
          expect(Buffer.compare(bytesOf(into.subarray(1)), bytesOf(column.slice(made[0], made[0] + made[1])))).toBe(0);
        }
        expect(reader.isAtEnd).toBe(true);
        expect(() => reader.take()).toThrow('too short');
        expect(() => reader.takeRange(column, 0, 1)).toThrow('too short');
      }),
      { numRuns: 30 },
    );
  });

  it('keep whole numbers of narrow columns', () => {
    const writer = new NumberWriter();
    writer.putRange(Uint16Array.of(1, 65_535, 3), 1, 3);
    writer.putRange(Uint32Array.of(4_294_967_295), 0, 1);
    const reader = new NumberReader(joinParts(writer.parts()), short);
    const narrow = new Uint16Array(2);
    reader.takeRange(narrow, 0, 2);
    expect([...narrow, reader.take()]).toEqual([65_535, 3, 4_294_967_295]);
  });
});

function bytesOf(column: Float64Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}
