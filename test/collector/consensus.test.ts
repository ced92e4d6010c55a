import { describe, expect, it } from 'vitest';
import { concurrentRange, DEFAULT_CONSENSUS, isDoubtful, PriceTrack } from '../../src/collector/consensus.ts';

const NOW = 1_700_000_000_000_000;

function track(price: (i: number) => number, count = 20): PriceTrack {
  const prices = new PriceTrack();
  for (let i = count; i > 0; i--) prices.add(NOW - i * 50_000, price(i));
  return prices;
}

describe('a print against what the other sources say', () => {
  const others = track((i) => 100 + (i % 3) / 100);

  it('is doubtful outside of their range and away from its own prints', () => {
    const own = track((i) => 100 + (i % 2) / 100);
    own.add(NOW, 110);
    const range = concurrentRange(others, NOW, DEFAULT_CONSENSUS);
    expect(range).toMatchObject({ low: 100, high: 100.02, prices: 20 });
    expect(isDoubtful(110, own, range === undefined ? [] : [range])).toBe(true);
    expect(isDoubtful(100.5, own, range === undefined ? [] : [range])).toBe(false);
  });

  it('is not where its own source says so too: the feeds differ, and which is wrong can not be told', () => {
    const own = track(() => 110);
    const range = concurrentRange(others, NOW, DEFAULT_CONSENSUS);
    expect(isDoubtful(110, own, range === undefined ? [] : [range])).toBe(false);
  });

  it('is not judged by prices of another time, nor by too few', () => {
    expect(concurrentRange(others, NOW + 10_000_000, DEFAULT_CONSENSUS)).toBeUndefined();
    expect(
      concurrentRange(
        track(() => 100, 4),
        NOW,
        DEFAULT_CONSENSUS,
      ),
    ).toBeUndefined();
    expect(
      isDoubtful(
        110,
        track(() => 100),
        [],
      ),
    ).toBe(false);
  });

  it('in a wild market has more room', () => {
    const wild = concurrentRange(
      track((i) => 100 + (i % 7)),
      NOW,
      DEFAULT_CONSENSUS,
    );
    expect(wild?.tolerance).toBeGreaterThan(10);
  });
});
