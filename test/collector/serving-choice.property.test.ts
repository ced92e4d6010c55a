import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Candidate, chooseServing } from '../../src/collector/serving-choice.ts';

const RULE = { failBackMs: 30_000, graceMs: 3_000 };
const healthy: Candidate = {
  isReady: true,
  isDown: false,
  isCaughtUp: true,
  readyForMs: 60_000,
  lostForMs: Number.POSITIVE_INFINITY,
};
const down: Candidate = { ...healthy, isReady: false, isDown: true, readyForMs: Number.NEGATIVE_INFINITY };
const connecting: Candidate = { ...down, isDown: false };

describe('which source serves', () => {
  test('the best at the start, for which the others wait, but not for ever', () => {
    expect(chooseServing(-1, [connecting, healthy], 1_000, RULE)).toBe(-1);
    expect(chooseServing(-1, [connecting, healthy], 3_000, RULE)).toBe(1);
    expect(chooseServing(-1, [down, healthy], 0, RULE)).toBe(1);
    expect(chooseServing(-1, [healthy, healthy], 0, RULE)).toBe(0);
  });

  test('a failure is answered at once, the way back takes its time', () => {
    expect(chooseServing(0, [down, healthy], 60_000, RULE)).toBe(1);
    expect(chooseServing(1, [{ ...healthy, readyForMs: 29_999 }, healthy], 60_000, RULE)).toBe(1);
    expect(chooseServing(1, [{ ...healthy, lostForMs: 29_999 }, healthy], 60_000, RULE)).toBe(1);
    expect(chooseServing(1, [{ ...healthy, isCaughtUp: false }, healthy], 60_000, RULE)).toBe(1);
    expect(chooseServing(1, [{ ...healthy, readyForMs: 30_000 }, healthy], 60_000, RULE)).toBe(0);
  });

  test('where none is ready nothing changes; one that lags is better than none', () => {
    expect(chooseServing(0, [down, down], 60_000, RULE)).toBe(0);
    expect(chooseServing(0, [down, { ...healthy, isCaughtUp: false }], 60_000, RULE)).toBe(1);
  });

  test('a source that serves and is ready is left only for a better one that was healthy long enough', () => {
    const candidate = fc.record({
      isReady: fc.boolean(),
      isDown: fc.boolean(),
      isCaughtUp: fc.boolean(),
      readyForMs: fc.integer({ min: 0, max: 60_000 }),
      lostForMs: fc.integer({ min: 0, max: 60_000 }),
    });
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 1, maxLength: 5 }), fc.nat(4), (candidates, at) => {
        const current = at % candidates.length;
        const next = chooseServing(current, candidates, 60_000, RULE);
        if (candidates[current]?.isReady === true) {
          expect(next).toBeLessThanOrEqual(current);
          if (next !== current) {
            const better = candidates[next] as Candidate;
            expect(better.isReady && better.isCaughtUp && better.readyForMs >= 30_000).toBe(true);
          }
        } else if (candidates.some(({ isReady }) => isReady)) expect(candidates[next]?.isReady).toBe(true);
        else expect(next).toBe(current);
      }),
    );
  });
});
