import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FinalBarsDigestSink } from '../../src/engine/index.ts';
import { type Bar, parseTimeframe } from '../../src/model/index.ts';
import { MINUTE, T0, testUniverse } from './engine-run.ts';

const TIMEFRAMES = ['1m', '5m'].map(parseTimeframe);

function bar(minute: number, close: number, revision = 0, more: Partial<Bar> = {}): Bar {
  return {
    symbol: 0,
    timeframe: 0,
    startUs: T0 + minute * MINUTE,
    endUs: T0 + (minute + 1) * MINUTE,
    open: 100,
    high: 120,
    low: 90,
    close,
    volume: 10,
    vwap: 101,
    trades: 3,
    revision,
    source: 0,
    quality: 1,
    ...more,
  };
}

function digestOf(tell: (sink: FinalBarsDigestSink) => void): string {
  const sink = new FinalBarsDigestSink(testUniverse(), TIMEFRAMES);
  tell(sink);
  return sink.hex();
}

describe('the digest of final bars', () => {
  it('does not depend on the order of bars, nor on revision and quality', () => {
    const bars = Array.from({ length: 40 }, (_, i) => bar(i, 100 + i));
    const sorted = digestOf((sink) => bars.forEach((each) => void sink.onBar(each)));
    fc.assert(
      fc.property(fc.shuffledSubarray(bars, { minLength: 40 }), (shuffled) => {
        expect(digestOf((sink) => shuffled.forEach((each) => void sink.onBar({ ...each, quality: 0.5 })))).toBe(sorted);
      }),
      { numRuns: 30 },
    );
  });

  it('holds the last revision only', () => {
    const direct = digestOf((sink) => sink.onBar(bar(0, 105)));
    const revised = digestOf((sink) => {
      sink.onBar(bar(0, 101));
      sink.onBar(bar(1, 102));
      sink.onBar(bar(0, 103, 1));
      sink.onBar(bar(0, 105, 2));
      sink.onBarRetracted(bar(1, Number.NaN, 1, { trades: 0 }));
    });
    expect(revised).toBe(direct);
  });

  it('a bar that was retracted and came again counts once', () => {
    const direct = digestOf((sink) => sink.onBar(bar(0, 105)));
    const again = digestOf((sink) => {
      sink.onBar(bar(0, 101));
      sink.onBarRetracted(bar(0, Number.NaN, 1));
      sink.onBar(bar(0, 105, 2));
    });
    expect(again).toBe(direct);
  });

  it('nothing that a user sees can change without changing it', () => {
    const base = digestOf((sink) => sink.onBar(bar(0, 105)));
    const changes: Partial<Bar>[] = [
      { symbol: 1 },
      { timeframe: 1 },
      { startUs: T0 + 1 },
      { endUs: T0 + 2 * MINUTE },
      { open: 100.01 },
      { high: 121 },
      { low: 89 },
      { close: 105.000001 },
      { volume: 11 },
      { vwap: 101.5 },
      { trades: 4 },
    ];
    const digests = changes.map((change) => digestOf((sink) => sink.onBar(bar(0, 105, 0, change))));
    expect(new Set([base, ...digests]).size).toBe(changes.length + 1);
    expect(digestOf((sink) => [bar(0, 105), bar(1, 105)].forEach((each) => void sink.onBar(each)))).not.toBe(base);
  });

  it('a revision of a bar that is settled is counted, not lost in silence', () => {
    const sink = new FinalBarsDigestSink(testUniverse(), TIMEFRAMES);
    for (let minute = 0; minute < 600; minute++) sink.onBar(bar(minute, 100));
    expect(sink.unsettled).toBe(0);
    sink.onBar(bar(0, 101, 1));
    sink.onBarRetracted(bar(1, Number.NaN, 1));
    expect(sink.unsettled).toBe(2);
  });
});
