import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FaultSet } from '../../src/simulators/fault-spec.ts';
import { parseFault } from '../../src/simulators/index.ts';
import { PlayOrder } from '../../src/simulators/play-order.ts';
import { testTape } from '../support/simulated-tape.ts';

const { tape } = await testTape(300);
const faultTexts = fc.subarray(['drop=10%', 'hole=5s', 'duplicate=10%', 'reorder=6:50%', 'late=3s:10%']);

/** The whole order, taken in steps of tape time and count. */
function orderOf(
  faults: readonly string[],
  seed: number,
  stepUs: number,
  most: number,
): { rows: number[]; order: PlayOrder } {
  const order = new PlayOrder(tape, new FaultSet(faults.map(parseFault)), seed);
  const rows: number[] = [];
  for (let untilUs = tape.firstUs as number; !order.isDone; untilUs += stepUs) rows.push(...order.take(untilUs, most));
  return { rows, order };
}

describe('order of play', () => {
  test('without faults it is the tape', () => {
    const { rows } = orderOf([], 1, 1_000_000, 50);
    expect(rows).toEqual(Array.from({ length: tape.length }, (_each, row) => row));
  });

  test('does not depend on how fast or in which portions it is taken', () => {
    fc.assert(
      fc.property(
        faultTexts,
        fc.nat(1_000),
        fc.integer({ min: 50_000, max: 20_000_000 }),
        fc.integer({ min: 3, max: 400 }),
        (faults, seed, stepUs, most) => {
          const whole = orderOf(faults, seed, Number.MAX_SAFE_INTEGER / 4, 100_000).rows;
          expect(orderOf(faults, seed, stepUs, most).rows).toEqual(whole);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('what is not dropped is played, once or as often as it was duplicated', () => {
    fc.assert(
      fc.property(faultTexts, fc.nat(1_000), (faults, seed) => {
        const { rows, order } = orderOf(faults, seed, 5_000_000, 100);
        const { dropped, duplicated, sent } = order.counters;
        expect(rows).toHaveLength(tape.length - dropped + duplicated);
        expect(sent).toBe(rows.length);
        expect(new Set(rows).size).toBe(tape.length - dropped);
      }),
      { numRuns: 60 },
    );
  });

  test('another fault does not change what one fault strikes', () => {
    const dropped = (faults: readonly string[]): number[] => {
      const order = new PlayOrder(tape, new FaultSet(faults.map(parseFault)), 5);
      const found: number[] = [];
      order.onDropped = (row) => found.push(row);
      while (!order.isDone) order.take(Number.MAX_SAFE_INTEGER, 100);
      return found;
    };
    const alone = dropped(['drop=10%']);
    expect(alone.length).toBeGreaterThan(5);
    expect(dropped(['drop=10%', 'late=10%', 'reorder', 'duplicate'])).toEqual(alone);
  });
});
