import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/base/index.ts';
import { featureKey, missingFeatures, readPortfolio } from '../../src/patterns/index.ts';

const ROOT = join(import.meta.dirname, '../..');
const schema = JSON.parse(readFileSync(join(ROOT, 'schema/portfolio.schema.json'), 'utf8')) as object;
const isValid = new Ajv({ allowUnionTypes: true }).compile(schema);

const CONDITION = { feature: 'rsi_14', op: '<=', value: 30 };
const PATTERN = { id: 0, name: 'Oversold', timeframe: '15m', direction: 'long', conditions: [CONDITION] };

function withPattern(change: object): object {
  return { version: 1, patterns: [{ ...PATTERN, ...change }] };
}

function withCondition(change: object): object {
  return withPattern({ conditions: [{ ...CONDITION, ...change }] });
}

function complaint(document: unknown): string {
  try {
    readPortfolio(document);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  return 'nothing';
}

describe('a portfolio', () => {
  it('is read with every key', () => {
    const conditions = [
      { feature: 'RSI_14', op: '<=', value: 30, weight: 2 },
      { feature: 'MACD_HIST', operator: '>', value: 0, scale: 0.4 },
      { feature: 'cci', op: 'between', low: -100, high: 100 },
    ];
    const document = withPattern({
      conditions,
      success_rate: 62.5,
      sample_size: 120,
      target_pct: 2,
      stop_pct: 1.5,
      horizon_bars: 12,
      evidence: 'none',
    });
    expect(isValid(document)).toBe(true);
    expect(readPortfolio(document).patterns[0]).toEqual({
      id: 0,
      name: 'Oversold',
      timeframe: '15m',
      direction: 1,
      conditions: [
        { feature: 'rsi_14', op: '<=', low: 30, high: 30, scale: undefined, weight: 2 },
        { feature: 'macd_hist', op: '>', low: 0, high: 0, scale: 0.4, weight: 1 },
        { feature: 'cci_20', op: 'between', low: -100, high: 100, scale: undefined, weight: 1 },
      ],
      successRate: 0.625,
      sampleSize: 120,
      targetPct: 2,
      stopPct: 1.5,
      horizonBars: 12,
      evidence: 'none',
    });
  });

  it.each([
    ['rsi', 'RSI_14'],
    ['macd_hist', 'MACD_Histogram'],
    ['volume_ratio', 'VOL_RATIO'],
    ['volume_ratio_10', 'Vol_Ratio_10'],
    ['close_vs_sma', 'CLOSE_VS_MA'],
    ['sma_distance_50', 'Dist_MA_50'],
    ['sma_distance', 'Close_to_SMA20'],
    ['natr', 'ATR_14_Pct'],
    ['williams_r', 'Williams_R_14'],
    ['stoch_fast_k', 'Stoch_14_K'],
    ['stoch_fast_d', 'Stoch_D_14'],
    ['roc_5', 'ROC_5d'],
    ['plus_di', 'Plus_DI_14'],
    ['bb_position', 'BB_Position_20'],
    ['bb_upper', 'BB_Upper_20'],
    ['true_range', 'TR'],
  ])('knows %s under the spelling %s', (ours, theirs) => {
    expect(featureKey(theirs)).toBe(featureKey(ours));
  });

  it('names the features that a set does not have yet, each once', () => {
    const conditions = ['RSI_14', 'rsi', 'ema_9', 'EMA_9', 'macd_hist'].map((feature) => ({ ...CONDITION, feature }));
    expect(missingFeatures(readPortfolio(withPattern({ conditions })), ['rsi_14'])).toEqual(['ema_9', 'macd_hist']);
  });

  it('of the source system is read as it stands', () => {
    const entry = {
      pattern: {
        conditions: { RSI_14: { operator: '<=', value: 33.9 }, Dist_MA_50: { operator: '>=', value: -4 } },
        occurrences: 87,
        success_rate: 71.26,
        label_col: 'Label_2.0pct_20d',
        direction: 'short',
        method: 'rule_based',
      },
      validation_success_rate: 64,
      validation_occurrences: 80,
      classification: 'ROBUST',
    };
    expect(readPortfolio([entry, entry]).patterns[1]).toMatchObject({
      id: 1,
      timeframe: undefined,
      direction: -1,
      successRate: 0.64,
      sampleSize: 80,
      targetPct: 2,
      horizonBars: 20,
      conditions: [{ feature: 'rsi_14' }, { feature: 'sma_distance_50' }],
    });
    const unknown = { ...entry.pattern, conditions: { Days_Since_52w_Low: { operator: '>=', value: 165 } } };
    expect(complaint([entry, { ...entry, pattern: unknown }])).toContain(
      '[1].pattern.conditions.Days_Since_52w_Low.feature is "Days_Since_52w_Low"; allowed is a feature.',
    );
  });
});

describe('a bad portfolio is refused with the path of the offending key', () => {
  it.each<[string, unknown, string]>([
    ['no mapping', 'text', 'the document is "text"; allowed is a mapping'],
    ['no patterns', { version: 1 }, 'patterns is missing; allowed is a list'],
    ['an empty list', { version: 1, patterns: [] }, 'patterns is []; allowed is a list that is not empty'],
    ['a later version', { version: 2, patterns: [PATTERN] }, 'version is 2; allowed is 1'],
    ['an unknown key', { patterns: [PATTERN], pattern: [] }, 'pattern is no key that is known here'],
    ['a misspelt key', withPattern({ stop_ptc: 1 }), 'patterns[0].stop_ptc is no key that is known here'],
    ['no id', withPattern({ id: undefined }), 'patterns[0].id is missing'],
    ['an id of prototypes', withPattern({ id: '__proto__' }), 'patterns[0].id is "__proto__"'],
    ['an id with markup', withPattern({ id: '<b>' }), 'patterns[0].id is "<b>"'],
    ['twins', { patterns: [PATTERN, { ...PATTERN, id: '0' }] }, 'patterns[1].id is "0"; allowed is an id of its own'],
    ['a timeframe', withPattern({ timeframe: '15min' }), 'patterns[0].timeframe is "15min"'],
    ['a direction', withPattern({ direction: 'sideways' }), 'patterns[0].direction is "sideways"'],
    ['a direction of prototypes', withPattern({ direction: 'constructor' }), 'patterns[0].direction is "constructor"'],
    ['no conditions', withPattern({ conditions: [] }), 'patterns[0].conditions is []'],
    ['a condition that is none', withPattern({ conditions: [7] }), 'patterns[0].conditions[0] is 7'],
    ['an operator', withCondition({ op: '=>' }), 'patterns[0].conditions[0].op is "=>"; allowed is one of >=, >, <='],
    ['no operator', withCondition({ op: undefined }), 'patterns[0].conditions[0].op is missing'],
    ['a text for a number', withCondition({ value: '30' }), 'patterns[0].conditions[0].value is "30"'],
    ['a value beside a range', withCondition({ op: 'between', low: 1, high: 2 }), 'conditions[0].value is 30'],
    [
      'a range upside down',
      withCondition({ op: 'between', value: undefined, low: 3, high: 2 }),
      'conditions[0].low is 3',
    ],
    ['a scale below nothing', withCondition({ scale: -1 }), 'patterns[0].conditions[0].scale is -1'],
    ['a weight of nothing', withCondition({ weight: 0 }), 'patterns[0].conditions[0].weight is 0'],
    ['a target below nothing', withPattern({ target_pct: -2 }), 'patterns[0].target_pct is -2'],
    ['a stop of all', withPattern({ stop_pct: 100 }), 'patterns[0].stop_pct is 100'],
    ['a rate', withPattern({ success_rate: 140 }), 'patterns[0].success_rate is 140'],
    ['a count', withPattern({ sample_size: 1.5 }), 'patterns[0].sample_size is 1.5'],
    ['an unprintable name', withPattern({ name: 'a\u202eb' }), 'patterns[0].name is'],
    ['too many conditions', withPattern({ conditions: Array(33).fill(CONDITION) }), 'a list of at most 32'],
    ['too many patterns', { patterns: Array(1_001).fill(PATTERN) }, 'patterns is "1001 entries"'],
  ])('%s', (_what, document, text) => {
    expect(complaint(document)).toContain(text);
    // What a schema can tell, it tells too.
    const isBeyondSchema = /an id of its own|not above high|printable/.test(text + complaint(document));
    if (!isBeyondSchema) expect(isValid(document)).toBe(false);
  });

  it.each<[string, object, string]>([
    [
      'an unknown feature',
      { feature: 'rsii_14' },
      'patterns[0].conditions[0].feature is "rsii_14"; allowed is a feature.',
    ],
    ['a feature with a bad length', { feature: 'rsi_0' }, 'patterns[0].conditions[0].feature is "rsi_0"'],
    ['an RSI above 100', { op: '>=', value: 130 }, 'a threshold that rsi_14 can meet: it lies between 0 and 100'],
    ['an RSI beyond 100', { op: '>', value: 100 }, 'a threshold that rsi_14 can meet'],
    ['an RSI below 0', { op: '<', value: 0 }, 'a threshold that rsi_14 can meet'],
    ['a Williams %R above 0', { feature: 'williams_r', op: '>', value: 20 }, 'it lies between -100 and 0'],
  ])('%s', (_what, change, text) => {
    expect(complaint(withCondition(change))).toContain(text);
  });

  it('conditions that no value meets together', () => {
    const conditions = [
      { feature: 'rsi_14', op: '>=', value: 70 },
      { feature: 'cci', op: '<=', value: 0 },
      { feature: 'RSI', op: '<=', value: 30 },
    ];
    expect(complaint(withPattern({ conditions }))).toContain(
      'patterns[0].conditions[2] is "rsi_14 <= 30"; allowed is what can hold together with patterns[0].conditions[0]',
    );
  });

  it('whatever else stands there, with a sentence and nothing worse', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', 'patterns', 'pattern', 'conditions'), (value, place) => {
        const document =
          place === 'patterns'
            ? { patterns: value }
            : place === 'pattern'
              ? { patterns: [value] }
              : place === 'conditions'
                ? withPattern({ conditions: value })
                : value;
        expect(complaint(document)).toMatch(/^portfolio: /);
      }),
      { numRuns: 500 },
    );
  });
});

it('a good portfolio with one value changed is read or refused, nothing else', () => {
  const text = readFileSync(join(ROOT, 'examples/portfolio.json'), 'utf8');
  const places: (readonly (string | number)[])[] = [];
  const visit = (value: unknown, path: readonly (string | number)[]): void => {
    places.push(path);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) visit(child, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  visit(JSON.parse(text), []);
  const junk = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(null, -1, 1e308, '', '__proto__', '\u0000', [], {}, [[]], Number.MAX_SAFE_INTEGER),
  );
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...places.slice(1)), junk, (path, value) => {
      const document = JSON.parse(text) as Record<string | number, unknown>;
      const holder = path.slice(0, -1).reduce((at, key) => at[key] as Record<string | number, unknown>, document);
      holder[path.at(-1) as string | number] = value;
      if (complaint(document) !== 'nothing') refused++;
    }),
    { numRuns: 1_000 },
  );
  expect(refused).toBeGreaterThan(0);
});

it('the example portfolio is valid, has 20 patterns and says of each whether it was kept', () => {
  const document = JSON.parse(readFileSync(join(ROOT, 'examples/portfolio.json'), 'utf8')) as unknown;
  expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
  const { patterns } = readPortfolio(document);
  expect(patterns.length).toBe(20);
  for (const pattern of patterns) {
    expect(pattern.evidence).toBeDefined();
    expect(pattern.sampleSize).toBeGreaterThan(0);
    expect(pattern.successRate).toBeGreaterThan(0);
  }
});
