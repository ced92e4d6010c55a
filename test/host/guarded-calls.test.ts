import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TickloomError } from '../../src/base/index.ts';
import { GuardedCalls } from '../../src/host/index.ts';
import { ADAPTERS } from '../../src/sources/index.ts';

const fail = (): Promise<never> => Promise.reject(new TickloomError('http-failed', 'no answer'));
const good = (): Promise<string> => Promise.resolve('good');

const guard = (retries = 0): GuardedCalls =>
  new GuardedCalls({
    name: 'test',
    failures: 5,
    openMs: 60_000,
    concurrent: 2,
    retries,
    isTransient: (error) => error instanceof TickloomError && error.code === 'http-failed',
  });

describe('guarded calls', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('open after five failures, let nobody through for 60 s, then one, and close with its success', async () => {
    const calls = guard();
    for (let i = 0; i < 5; i++) {
      expect(calls.state).toBe('closed');
      await expect(calls.run(fail)).rejects.toMatchObject({ code: 'http-failed' });
    }
    expect(calls.state).toBe('open');
    vi.advanceTimersByTime(59_999);
    await expect(calls.run(good)).rejects.toMatchObject({ code: 'breaker-open' });
    vi.advanceTimersByTime(1);
    let release: () => void = () => undefined;
    const waiting = calls.run(() => new Promise<string>((resolve) => (release = () => resolve('good'))));
    await Promise.resolve();
    expect(calls.state).toBe('half-open');
    release();
    expect(await waiting).toBe('good');
    expect(calls.state).toBe('closed');
  });

  it.each(ADAPTERS.map(({ id, breaker }) => [id, breaker] as const))(
    'of %s open and half-open at its own count and time',
    async (id, { failures, openMs }) => {
      const isSlow = id === 'fred' || id === 'finnhub';
      const isQuick = id === 'alpaca' || id === 'polygon';
      expect([failures, openMs]).toEqual(isSlow ? [3, 120_000] : isQuick ? [5, 30_000] : [5, 60_000]);
      const isTransient = (): boolean => true;
      const calls = new GuardedCalls({ name: id, failures, openMs, concurrent: 1, retries: 0, isTransient });
      for (let i = 0; i < failures; i++) {
        expect(calls.state).toBe('closed');
        await calls.run(fail).catch(() => undefined);
      }
      expect(calls.state).toBe('open');
      vi.advanceTimersByTime(openMs - 1);
      await expect(calls.run(good)).rejects.toMatchObject({ code: 'breaker-open' });
      vi.advanceTimersByTime(1);
      expect(await calls.run(good)).toBe('good');
      expect(calls.state).toBe('closed');
    },
  );

  it('open again at once when the one that was let through fails', async () => {
    const calls = guard();
    for (let i = 0; i < 5; i++) await calls.run(fail).catch(() => undefined);
    vi.advanceTimersByTime(60_000);
    await expect(calls.run(fail)).rejects.toMatchObject({ code: 'http-failed' });
    expect(calls.state).toBe('open');
    await expect(calls.run(good)).rejects.toMatchObject({ code: 'breaker-open' });
  });

  it('count no failure that is not the other side’s', async () => {
    const calls = guard();
    const wrong = (): Promise<never> => Promise.reject(new TickloomError('refused', 'wrong key'));
    for (let i = 0; i < 20; i++) await expect(calls.run(wrong)).rejects.toMatchObject({ code: 'refused' });
    expect(calls.state).toBe('closed');
  });

  it('try again what may pass, and at most two at a time', async () => {
    const calls = guard(3);
    let attempts = 0;
    const flaky = (): Promise<string> => (++attempts < 3 ? fail() : good());
    const answer = calls.run(flaky);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await answer).toBe('good');
    expect(attempts).toBe(3);
    let running = 0;
    let most = 0;
    const slow = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running--;
    };
    const all = Promise.all(Array.from({ length: 6 }, () => calls.run(slow)));
    await vi.advanceTimersByTimeAsync(1_000);
    await all;
    expect(most).toBe(2);
  });
});
