import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/base/index.ts';
import { FAULTS, parseFault } from '../../src/simulators/index.ts';

describe('faults as text', () => {
  test.each([
    ['drop', { kind: 'drop', share: 0.01 }],
    ['drop=5%', { share: 0.05 }],
    ['drop=0.25', { share: 0.25 }],
    ['late=1%:5s', { share: 0.01, seconds: 5 }],
    ['late=250ms', { seconds: 0.25, share: 0.01 }],
    ['disconnect=2', { seconds: 2, times: Number.POSITIVE_INFINITY }],
    ['disconnect=2min:x3', { seconds: 120, times: 3 }],
    ['disconnect=500e', { count: 500 }],
    ['mute=100e:x2', { count: 100, times: 2 }],
    ['reorder=16', { count: 16, share: 0.2 }],
    ['connection-limit', { count: 1 }],
    ['symbol limit=5', { kind: 'symbol-limit', count: 5 }],
    ['Half_Open', { kind: 'half-open' }],
    ['429', { share: 0.2, seconds: 1 }],
    ['429=3', { count: 3, share: 0 }],
    ['429=60/min:2s', { rate: 60, windowMs: 60_000, share: 0, seconds: 2 }],
    ['429-bare=5/s', { rate: 5, windowMs: 1_000 }],
    ['quota=25/day', { rate: 25, windowMs: 86_400_000 }],
    ['clock-skew=-5s', { seconds: -5 }],
  ])('%s', (text, expected) => {
    expect(parseFault(text)).toMatchObject(expected);
  });

  test.each([
    'gremlins',
    'toString',
    'drop=5s',
    'drop=150%',
    'drop=-1%',
    'wrong-key=1',
    'stall=',
    'late=1%:soon',
    'slow=5%',
    'mute=x',
  ])('%s is refused, naming what is allowed', (text) => {
    expect(() => parseFault(text)).toThrow(UsageError);
    const word = text.split('=')[0] as string;
    expect(() => parseFault(text)).toThrow(
      Object.hasOwn(FAULTS, word) ? /may have/ : /is no fault; allowed: .*disconnect/,
    );
  });
});
