import { describe, expect, it } from 'vitest';
import { type TradingFacts, tradingModes } from '../../src/app/live/trading-modes.ts';

const GOOD: TradingFacts = {
  isRealTime: true,
  timeframesS: [1, 60, 300, 86_400],
  liveSources: ['alpaca'],
  hasTicks: true,
  freshestS: 1,
  lagS: 0.1,
};

function available(facts: Partial<TradingFacts>): readonly string[] {
  return tradingModes({ ...GOOD, ...facts }).flatMap(({ mode, available: is }) => (is ? [mode] : []));
}

describe('trading modes', () => {
  it('are all there with a fresh stream', () => {
    expect(available({})).toEqual(['swing', 'position', 'day_trading', 'scalping', 'intraday']);
  });

  it('follow from what is measured', () => {
    expect(available({ isRealTime: false })).toEqual(['swing', 'position']);
    expect(available({ liveSources: [] })).toEqual([]);
    expect(available({ hasTicks: false })).toEqual(['swing', 'position', 'day_trading', 'intraday']);
    expect(available({ freshestS: 60 })).toEqual(['swing', 'position', 'day_trading', 'intraday']);
    expect(available({ freshestS: 600 })).toEqual(['swing', 'position', 'intraday']);
    expect(available({ freshestS: undefined })).toEqual(['swing', 'position']);
    expect(available({ lagS: 900 })).toEqual(['swing', 'position', 'intraday']);
    expect(available({ timeframesS: [86_400] })).toEqual(['swing', 'position']);
  });

  it('say why not, and nothing where they are', () => {
    for (const { available: is, reasons } of tradingModes({ ...GOOD, isRealTime: false })) {
      expect(reasons.length > 0).toBe(!is);
    }
    const [, , , scalping] = tradingModes({ ...GOOD, freshestS: 30, lagS: 5 });
    expect(scalping?.reasons).toEqual([
      'the newest event is 30 s old, at most 10 s are allowed',
      'events take 5.0 s, at most 2 s are allowed',
    ]);
  });
});
