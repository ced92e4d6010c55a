import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RateLimiter, type RateLimits } from '../../src/host/index.ts';
import { ManualClock } from '../support/manual-clock.ts';

const START_US = 1_763_690_400_000_000;
const LENGTH_US = { perSecond: 1_000_000, perMinute: 60_000_000, perDay: 86_400_000_000 } as const;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickloom-limits-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const limiter = (limits: RateLimits, clock: ManualClock): RateLimiter =>
  new RateLimiter({ name: 'test', limits, path: join(folder, 'deep', 'limits.json'), clock });

describe('a rate limiter', () => {
  it('never spends more than a limit in any stretch of its length, wherever it begins, over restarts too', async () => {
    const plan = fc.record({ perSecond: fc.integer({ min: 1, max: 4 }), perMinute: fc.integer({ min: 5, max: 12 }) });
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 3 }), fc.boolean()), {
      minLength: 1,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(plan, steps, async (limits, calls) => {
        rmSync(join(folder, 'deep'), { recursive: true, force: true });
        const clock = new ManualClock(START_US);
        let own = limiter(limits, clock);
        const spent: [number, number][] = [];
        for (const [idleMs, cost, isRestart] of calls) {
          clock.advance(idleMs * 1_000);
          if (isRestart) own = limiter(limits, clock);
          const least = Math.min(cost, limits.perSecond);
          await own.take(least);
          spent.push([clock.nowUs(), least]);
        }
        for (const key of ['perSecond', 'perMinute'] as const) {
          for (const [fromUs] of spent) {
            const sum = spent.reduce(
              (total, [us, cost]) => (us >= fromUs && us < fromUs + LENGTH_US[key] ? total + cost : total),
              0,
            );
            expect(sum).toBeLessThanOrEqual(limits[key]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('says at once that the day is spent, and knows it after a restart', async () => {
    const clock = new ManualClock(START_US);
    const own = limiter({ perDay: 3 }, clock);
    for (let i = 0; i < 3; i++) await own.take(1);
    expect(own.remaining()).toEqual({ window: 'day', left: 0, limit: 3 });
    await expect(own.take(1)).rejects.toMatchObject({ code: 'quota-spent' });
    await expect(limiter({ perDay: 3 }, clock).take(1)).rejects.toMatchObject({ code: 'quota-spent' });
    expect(clock.nowUs()).toBe(START_US);
    clock.advance(LENGTH_US.perDay + 1_000_000);
    await own.take(1);
    expect(own.remaining()?.left).toBe(2);
  });

  it('takes nothing during a pause that the other side asked for', async () => {
    const clock = new ManualClock(START_US);
    const own = limiter({}, clock);
    own.pause(7_000);
    await own.take(1);
    expect(clock.nowUs()).toBe(START_US + 7_000_000);
    expect(existsSync(join(folder, 'deep'))).toBe(false);
  });

  it('stops waiting when told to, and names a file that it can not read', async () => {
    const clock = new ManualClock(START_US);
    const abort = new AbortController();
    abort.abort();
    await expect(limiter({ perSecond: 1 }, clock).take(1, abort.signal)).rejects.toMatchObject({ code: 'aborted' });
    await limiter({ perSecond: 1 }, clock).take(1);
    writeFileSync(join(folder, 'deep', 'limits.json'), '{');
    expect(() => limiter({ perSecond: 1 }, clock)).toThrow(/limits\.json can not be read/);
  });
});
