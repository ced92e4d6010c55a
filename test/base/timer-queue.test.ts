import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerQueue } from '../../src/base/index.ts';

const timers = fc.array(fc.record({ due: fc.integer({ min: 0, max: 50 }), kind: fc.nat({ max: 5 }) }), {
  maxLength: 200,
});

function drain(queue: TimerQueue): string[] {
  const fired: string[] = [];
  while (queue.size > 0) {
    const due = queue.nextDueUs;
    fired.push(`${due}/${queue.pop()}/${queue.firedArgument}`);
  }
  return fired;
}

describe('timer queue', () => {
  it('fires in (due time, order of setting)', () => {
    fc.assert(
      fc.property(timers, (list) => {
        const queue = new TimerQueue();
        list.forEach((timer, i) => {
          queue.set(timer.due, timer.kind, i);
        });
        const expected = list
          .map((timer, i) => ({ ...timer, i }))
          .sort((a, b) => a.due - b.due || a.i - b.i)
          .map((timer) => `${timer.due}/${timer.kind}/${timer.i}`);
        expect(drain(queue)).toEqual(expected);
        expect(queue.nextDueUs).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });

  it('goes on from a snapshot in the same order', () => {
    fc.assert(
      fc.property(timers, timers, (before, after) => {
        const whole = new TimerQueue();
        before.forEach((timer, i) => {
          whole.set(timer.due, timer.kind, i);
        });
        const half = new TimerQueue();
        half.restore(JSON.parse(JSON.stringify(whole.snapshot())) as number[]);
        for (const queue of [whole, half]) {
          after.forEach((timer, i) => {
            queue.set(timer.due, timer.kind, 1_000 + i);
          });
        }
        expect(drain(half)).toEqual(drain(whole));
      }),
    );
  });
});
