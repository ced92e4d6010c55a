import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TickRing, TickRingReader, tickColumns } from '../../src/bars/index.ts';
import { BarRun } from './bar-run.ts';

const SECOND_US = 1_000_000;
const START_US = 1_700_000_040 * SECOND_US;

/** All that the two ways of handling a trade leave behind. */
function leftBy(run: BarRun) {
  const series = run.builder.series(0, 0);
  run.builder.ring.publish();
  const reader = new TickRingReader(run.builder.ring.location(0) as NonNullable<ReturnType<TickRing['location']>>);
  const ticks = tickColumns(2000);
  const count = reader.read(ticks);
  return {
    said: run.said.filter(({ bar }) => bar.timeframe === 0),
    flow: Array.from({ length: series.length }, (_, i) => [series.buyVolume[i], series.sellVolume[i]]),
    forming: run.builder.formingBar(0, 0),
    last: run.builder.lastOf(0),
    ticks: Object.values(ticks).map((column: Float64Array | Int32Array) => [...column.slice(0, count)]),
  };
}

describe('plain trades', () => {
  // 90 s is not made of minutes: with two roots every trade takes the general way.
  it('leave the same bars, flow and ticks as trades on the general way', () => {
    const trade = fc.record({
      stepUs: fc.constantFrom(0, 0, 1_000, 900_000, 40 * SECOND_US),
      lateUs: fc.constantFrom(0, 0, 0, 5_000, 70 * SECOND_US, 3_000 * SECOND_US),
      price: fc.integer({ min: 9_990, max: 10_010 }).map((cents) => cents / 100),
      size: fc.constantFrom(0, 1, 100, 0.1, 1e-9, 1e12),
      id: fc.option(fc.oneof(fc.nat(4), fc.constantFrom('a', 'b')), { nil: undefined }),
      conditions: fc.constantFrom('@', '@', '@,I', '@,4', 'M', '@,T', 'X'),
    });
    const rules = fc.constantFrom('sip', 'algoseek', 'all');
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 200 }), rules, (trades, rulesId) => {
        const plain = new BarRun(['1m'], { rulesId });
        const general = new BarRun(['1m', '90s'], { rulesId });
        let recv = START_US;
        for (const { stepUs, lateUs, price, size, id, conditions } of trades) {
          recv += stepUs;
          const named = id === undefined ? {} : { id };
          const event = { kind: 'trade', ts: recv - lateUs, recv, price, size, conditions, ...named } as const;
          plain.handle(event);
          general.handle(event);
        }
        expect(leftBy(plain)).toEqual(leftBy(general));
      }),
      { numRuns: 500 },
    );
  });
});
