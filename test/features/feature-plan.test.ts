import { describe, expect, it } from 'vitest';
import { compileFeatures, DEFAULT_FEATURES, FeatureEngine, parseFeature } from '../../src/features/index.ts';
import { INDICATORS } from '../../src/indicators/index.ts';
import { randomBars, rowReader } from '../support/random-bars.ts';

describe('feature names', () => {
  it('carry the indicator’s parameters, standard ones may be left out', () => {
    expect(parseFeature('bb_upper').parameters).toEqual([20, 2]);
    expect(parseFeature('bb_upper_10').parameters).toEqual([10, 2]);
    expect(parseFeature('bb_upper_10_1.5').parameters).toEqual([10, 1.5]);
    expect(parseFeature('macd_signal_5_35_7').parameters).toEqual([5, 35, 7]);
    expect(parseFeature('stoch_fast_k_9').indicator.name).toBe('fast_stochastic');
    expect(parseFeature('vwap_session').parameters).toEqual([]);
  });

  it.each([
    ['sma_0', /length is 0, allowed is a whole number from 1 to 5000/],
    ['sma_2.5', /whole number/],
    ['sma_9999', /5000/],
    ['rsi_1', /from 2/],
    ['obv_3', /takes no parameters, but 1 were given/],
    ['sma_1_2', /takes only length/],
    ['macd_26_12_9', /fast \(26\) must be shorter than slow \(12\)/],
    ['smaa_20', /no indicator puts out "smaa"; known are sma, close_vs_sma, sma_distance, ema, rsi, /],
    ['SMA_20', /no indicator/],
    ['', /no indicator/],
  ])('%j is refused with what is allowed', (name, message) => {
    expect(() => parseFeature(name)).toThrow(message);
    expect(() => parseFeature(name)).toThrow(expect.objectContaining({ code: 'bad-feature' }));
  });

  it('may not repeat and may not be none', () => {
    expect(() => compileFeatures(['sma_20', 'sma_20'])).toThrow(/"sma_20" is listed twice/);
    expect(() => compileFeatures([])).toThrow(/at least one/);
  });
});

describe('a feature plan', () => {
  it('keeps what features share once', () => {
    const slots = (...names: string[]): number => compileFeatures(names).layout.initialBlock.length;
    expect(slots('sma_20', 'bb_upper', 'bb_lower')).toBe(slots('bb_upper'));
    expect(slots('atr_14', 'natr_14')).toBe(slots('atr_14'));
    expect(slots('bb_upper', 'bb_upper_20_2')).toBe(slots('bb_upper'));
    expect(slots('plus_di_14', 'minus_di_14')).toBeLessThan(slots('plus_di_14') + slots('minus_di_14') - 1);
    expect(slots('roc_10', 'sma_50')).toBe(slots('sma_50'));
  });

  it('gives each feature the same bits whatever else is in the plan', () => {
    const columns = randomBars({ seed: 9, length: 400, isRough: true });
    const everything = [...DEFAULT_FEATURES, 'sma_200', 'roc_77', 'bb_upper_13_1.5'];
    const together = new FeatureEngine(compileFeatures(everything));
    together.ensureSeries(1);
    const alone = DEFAULT_FEATURES.map((name) => {
      const engine = new FeatureEngine(compileFeatures([name]));
      engine.ensureSeries(1);
      return engine;
    });
    const read = rowReader(columns);
    for (let bar = 0; bar < 400; bar++) {
      together.update(0, read(bar));
      alone.forEach((engine, i) => {
        engine.update(0, read(bar));
        const [mine, theirs] = [engine.value(0, 0), together.value(0, i)];
        if (mine !== theirs && !(Number.isNaN(mine) && Number.isNaN(theirs))) {
          expect(mine, `${DEFAULT_FEATURES[i]} at bar ${bar}`).toBe(theirs);
        }
      });
    }
    expect(together.barCount(0)).toBe(400);
  });

  it('describes every default feature', () => {
    const plan = compileFeatures(DEFAULT_FEATURES);
    expect(plan.names.length).toBeGreaterThanOrEqual(30);
    for (const feature of plan.features) {
      expect(feature.description).not.toBe('');
      expect(feature.unit).not.toBe('');
      expect(feature.source).not.toBe('');
      expect(feature.warmUpBars).toBeGreaterThan(0);
    }
    expect(plan.features.find((feature) => feature.name === 'macd')).toMatchObject({
      parameters: { fast: 12, slow: 26, signal: 9 },
      warmUpBars: 34,
    });
    expect(plan.warmUpBars).toBe(50);
    expect(plan.indexOf('rsi_14')).toBe(4);
    expect(plan.indexOf('nothing')).toBeUndefined();
  });

  it('covers every indicator that is part of the specification by default', () => {
    // The spec's default set leaves these out: patterns and portfolios ask for them by name.
    const byNameOnly = ['sma_distance', 'bollinger_position', 'adxr', 'volume_ratio'];
    const used = new Set(compileFeatures(DEFAULT_FEATURES).features.map((feature) => feature.indicator));
    expect(INDICATORS.filter((indicator) => !used.has(indicator.name)).map((i) => i.name)).toEqual(byNameOnly);
  });
});
