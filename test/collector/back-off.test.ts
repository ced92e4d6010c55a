import { expect, test } from 'vitest';
import { BackOff } from '../../src/collector/back-off.ts';

test('waits double from 1 s to 60 s, each within half and one and a half of the plan, never above 60 s', () => {
  const seen = new Set<number>();
  for (let seed = 1; seed <= 50; seed++) {
    const backOff = new BackOff(seed);
    for (let i = 0; i < 10; i++) {
      const planMs = Math.min(60_000, 1_000 * 2 ** i);
      const ms = backOff.next();
      expect(ms).toBeGreaterThanOrEqual(planMs / 2);
      expect(ms).toBeLessThanOrEqual(Math.min(60_000, planMs * 1.5));
      seen.add(ms);
    }
  }
  expect(seen.size).toBeGreaterThan(100);
});

test('what the other side asks for is kept', () => {
  expect(new BackOff(1).next(30_000)).toBe(30_000);
});

test('only a connection that outlived the wait before it begins the plan anew', () => {
  const backOff = new BackOff(1);
  for (let i = 0; i < 5; i++) backOff.next();
  backOff.ended(10);
  expect(backOff.next()).toBeGreaterThanOrEqual(16_000);
  backOff.ended(60_000);
  expect(backOff.next()).toBeLessThanOrEqual(1_500);
});
