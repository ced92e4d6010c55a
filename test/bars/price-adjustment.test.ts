import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { actionsAsOf, PriceAdjustment } from '../../src/bars/index.ts';
import type { ActionKind, CorporateAction } from '../../src/model/index.ts';

const DAY = 86_400_000_000;

function action(kind: ActionKind, exDay: number, value: number, knownDay = exDay, id = ''): CorporateAction {
  return { symbol: 'X', kind, exUs: exDay * DAY, value, knownUs: knownDay * DAY, id, source: 'file' };
}

const none = (): undefined => undefined;

describe('what may be adjusted by as of a time', () => {
  test('an action counts once it is known and in effect, not before', () => {
    const early = action('split', 100, 4, 80);
    const late = action('split', 100, 4, 103);
    expect(actionsAsOf([early], 'split', 99 * DAY)).toEqual([]);
    expect(actionsAsOf([early], 'split', 100 * DAY)).toEqual([early]);
    expect(actionsAsOf([late], 'split', 103 * DAY - 1)).toEqual([]);
    expect(actionsAsOf([late], 'split', 103 * DAY)).toEqual([late]);
  });

  test('a later announcement replaces and 0 withdraws, from the time they became known', () => {
    const all = [action('dividend', 50, 0, 45), action('dividend', 50, 1, 20), action('dividend', 50, 1.5, 30)];
    expect(actionsAsOf(all, 'all', 50 * DAY)).toEqual([]);
    const other = [action('dividend', 50, 1.5, 60), action('dividend', 50, 1, 20)];
    expect(actionsAsOf(other, 'all', 59 * DAY).map(({ value }) => value)).toEqual([1]);
    expect(actionsAsOf(other, 'all', 60 * DAY).map(({ value }) => value)).toEqual([1.5]);
  });

  test('two dividends of one day stay two; raw takes nothing, split no dividends', () => {
    const all = [action('dividend', 50, 1, 20), action('dividend', 50, 3, 20, 'special'), action('split', 60, 2)];
    expect(actionsAsOf(all, 'all', 99 * DAY)).toHaveLength(3);
    expect(actionsAsOf(all, 'split', 99 * DAY)).toHaveLength(1);
    expect(actionsAsOf(all, 'raw', 99 * DAY)).toEqual([]);
  });
});

describe('factors', () => {
  test('a split divides the prices before its ex-day and multiplies the volumes, nothing from it on', () => {
    const adjustment = new PriceAdjustment([action('split', 10, 7), action('split', 20, 4)], none);
    expect(adjustment.at(10 * DAY - 1)).toEqual({ price: 1 / 28, volume: 28 });
    expect(adjustment.at(10 * DAY)).toEqual({ price: 1 / 4, volume: 4 });
    expect(adjustment.at(20 * DAY)).toEqual({ price: 1, volume: 1 });
  });

  test('a dividend takes its part of the close before; without a close there is nothing to adjust', () => {
    const adjustment = new PriceAdjustment([action('dividend', 10, 2)], () => 50);
    expect(adjustment.at(9 * DAY)).toEqual({ price: 0.96, volume: 1 });
    expect(new PriceAdjustment([action('dividend', 10, 2)], none).at(0)).toEqual({ price: 1, volume: 1 });
  });

  test('a dividend that is not below the close before it is refused', () => {
    expect(() => new PriceAdjustment([action('dividend', 10, 50)], () => 50)).toThrow(/dividend of 50 on X .* 50/);
  });

  test('total return: an investor who holds through any actions has what the adjusted prices say', () => {
    const steps = fc.array(
      fc.record({
        move: fc.double({ min: 0.8, max: 1.25, noNaN: true }),
        split: fc.constantFrom(0, 0, 0.1, 2, 3, 7),
        yield: fc.constantFrom(0, 0, 0.01, 0.2),
      }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (days) => {
        const actions: CorporateAction[] = [];
        const closes = [100];
        let shares = 1;
        days.forEach(({ move, split, yield: part }, i) => {
          const before = closes[i] as number;
          const paid = split === 0 ? part * before : 0;
          const open = split === 0 ? before - paid : before / split;
          if (paid > 0) actions.push(action('dividend', i + 1, paid));
          if (split !== 0) actions.push(action('split', i + 1, split));
          // Dividends are put into shares at the price without them.
          shares *= split === 0 ? 1 + paid / open : split;
          closes.push(open * move);
        });
        const adjustment = new PriceAdjustment(actions, (exUs) => closes[exUs / DAY - 1]);
        const last = closes.at(-1) as number;
        expect((shares * last) / 100).toBeCloseTo(last / (100 * adjustment.at(0).price), 9);
      }),
    );
  });
});
