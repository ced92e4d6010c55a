import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFeatures, FeatureEngine, type RuntimeKind, wholeHistory } from '../../src/features/index.ts';
import {
  BAR_FIELDS,
  type BarColumns,
  type BarField,
  INDICATORS,
  type Indicator,
  type IndicatorOutput,
} from '../../src/indicators/index.ts';
import { randomBars, rowReader } from '../support/random-bars.ts';

const SOURCES = join(import.meta.dirname, '../../src/indicators');

/** Feature names of every output with the given parameters, or with the standard ones. */
function namesOf(indicator: Indicator, parameters: readonly number[] = []): string[] {
  const suffix = parameters.map((value) => `_${value}`).join('');
  return indicator.outputs.map((output) => output.name + suffix);
}

/** Standard parameters, the least ones allowed, and odd ones. */
function parameterSets(indicator: Indicator): number[][] {
  const sets = [
    indicator.parameters.map((parameter) => parameter.standard),
    indicator.parameters.map((parameter, i) => (parameter.isInteger ? Math.max(parameter.min, 2) + i : parameter.min)),
    indicator.parameters.map((parameter, i) => (parameter.isInteger ? 33 + 8 * i : 1.5)),
  ];
  return indicator.parameters.length === 0 ? [[]] : sets;
}

function incremental(names: readonly string[], columns: BarColumns, runtime: RuntimeKind): Float64Array[] {
  const engine = new FeatureEngine(compileFeatures(names), { runtime });
  engine.ensureSeries(1);
  const read = rowReader(columns);
  const length = columns.close.length;
  const lists = names.map(() => new Float64Array(length));
  for (let i = 0; i < length; i++) {
    engine.update(0, read(i));
    for (let k = 0; k < names.length; k++) (lists[k] as Float64Array)[i] = engine.value(0, k);
  }
  return lists;
}

/** Outputs that are no difference of larger numbers: they must agree relative to themselves. */
const OWN_SCALE = new Set(['stddev', 'true_range', 'atr', 'natr', 'realized_vol', 'obv', 'sma', 'ema', 'vwap_session']);

/** Differences count against the value itself or, near zero, against what the value is a difference of. */
function scaleOf(output: IndicatorOutput, columns: BarColumns): number {
  if (OWN_SCALE.has(output.name)) return Number.MIN_VALUE;
  if (output.unit === 'price') return columns.high.reduce((most, x) => Math.max(most, x), 0);
  if (output.name === 'cci') return 100;
  return output.unit.includes('100') || output.unit === 'percent' ? 100 : 1;
}

function worstDifference(a: Float64Array, b: Float64Array, scale: number): { worst: number; at: number } {
  let worst = 0;
  let at = -1;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    if (Number.isNaN(x) && Number.isNaN(y)) continue;
    const difference = Math.abs(x - y) / Math.max(Math.abs(x), Math.abs(y), scale);
    if (!(difference <= worst)) {
      worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
      at = i;
    }
  }
  return { worst, at };
}

describe('the registry of indicators', () => {
  it('has unique names in snake case, for indicators and for outputs', () => {
    const names = INDICATORS.map((indicator) => indicator.name);
    const outputs = INDICATORS.flatMap((indicator) => indicator.outputs.map((output) => output.name));
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(outputs).size).toBe(outputs.length);
    for (const name of [...names, ...outputs]) expect(name).toMatch(/^[a-z][a-z_]*[a-z]$/);
  });

  it('holds every file that declares an indicator', () => {
    const declared = readdirSync(SOURCES).filter((file) =>
      /export const \w+: Indicator = /.test(readFileSync(join(SOURCES, file), 'utf8')),
    );
    expect(declared.map((file) => file.replace('.ts', '').replaceAll('-', '_')).sort()).toEqual(
      INDICATORS.map((indicator) => indicator.name).sort(),
    );
  });
});

describe.each(INDICATORS.map((indicator) => [indicator.name, indicator] as const))('indicator %s', (_, indicator) => {
  it.each(parameterSets(indicator))('equals its whole-history form with parameters %j', (...parameters) => {
    const names = namesOf(indicator, parameters);
    const series = [
      randomBars({ seed: 1, length: 3000 }),
      randomBars({ seed: 2, length: 3000, isRough: true, sessionBars: 26 }),
      randomBars({ seed: 3, length: 1000, price: 1.1, move: 1e-5 }),
      randomBars({ seed: 4, length: 1000, price: 60_000, move: 0.02 }),
    ];
    for (const columns of series) {
      const lists = incremental(names, columns, 'compiled');
      names.forEach((name, k) => {
        const output = indicator.outputs[k] as IndicatorOutput;
        const { worst, at } = worstDifference(
          lists[k] as Float64Array,
          wholeHistory(name, columns),
          scaleOf(output, columns),
        );
        expect(worst, `${name} at bar ${at}`).toBeLessThanOrEqual(1e-9);
      });
    }
  });

  it('gives the same bits compiled and interpreted, on any bars', () => {
    const names = parameterSets(indicator).flatMap((parameters) => namesOf(indicator, parameters));
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), fc.integer({ min: 1, max: 60 }), (seed, isRough, sessionBars) => {
        const columns = randomBars({ seed, length: 160, isRough, sessionBars });
        const compiled = incremental(names, columns, 'compiled');
        const interpreted = incremental(names, columns, 'interpreted');
        names.forEach((name, k) => {
          expect(compiled[k]?.map(plainNaN), name).toEqual(interpreted[k]?.map(plainNaN));
        });
      }),
      { numRuns: 8 },
    );
  });

  it('is missing until its warm-up ends, together with its sister outputs, and then has values', () => {
    for (const parameters of parameterSets(indicator)) {
      const names = namesOf(indicator, parameters);
      const plan = compileFeatures(names);
      const lists = incremental(names, randomBars({ seed: 5, length: 300 }), 'compiled');
      names.forEach((name, k) => {
        const first = lists[k]?.findIndex((value) => !Number.isNaN(value));
        expect(first, name).toBe((plan.features[k]?.warmUpBars ?? 0) - 1);
        expect(
          lists[k]?.slice(first).every((value) => Number.isFinite(value)),
          name,
        ).toBe(true);
      });
    }
  });

  it('stays finite on flat prices without volume, unless it says when it is missing', () => {
    const columns = randomBars({ seed: 6, length: 400 });
    for (const field of BAR_FIELDS) columns[field].fill(['open', 'high', 'low', 'close'].includes(field) ? 100.1 : 0);
    const names = namesOf(indicator);
    const lists = incremental(names, columns, 'compiled');
    names.forEach((name, k) => {
      const value = lists[k]?.at(-1) as number;
      if (indicator.outputs[k]?.missingWhen === undefined) expect(value, name).toSatisfy(Number.isFinite);
    });
  });

  it('stays inside the bounds that its unit names', () => {
    const names = namesOf(indicator);
    const lists = incremental(names, randomBars({ seed: 7, length: 2000, isRough: true }), 'compiled');
    indicator.outputs.forEach((output, k) => {
      const bounds = /^(-?\d+)\.\.(-?\d+)$/.exec(output.unit);
      if (bounds === null) return;
      const slack = 1e-9;
      for (const value of lists[k] as Float64Array) {
        if (Number.isNaN(value)) continue;
        expect(value).toBeGreaterThanOrEqual(Number(bounds[1]) - slack);
        expect(value).toBeLessThanOrEqual(Number(bounds[2]) + slack);
      }
    });
  });

  it('goes on from a snapshot, and re-runs a revised bar, with the same bits', () => {
    const names = parameterSets(indicator).flatMap((parameters) => namesOf(indicator, parameters));
    const columns = randomBars({ seed: 9, length: 150, isRough: true, sessionBars: 20 });
    const expected = incremental(names, columns, 'compiled').map((list) => list[149]);
    const read = rowReader(columns);
    for (const cut of [1, 13, 64, 140]) {
      const first = new FeatureEngine(compileFeatures(names));
      first.ensureSeries(1);
      for (let i = 0; i < cut; i++) first.update(0, i === cut - 1 ? { ...read(i), high: 1e6, close: 1e6 } : read(i));
      const second = new FeatureEngine(first.plan);
      second.restore(first.snapshot());
      for (let i = second.rewind(0, cut - 1) as number; i < 150; i++) second.update(0, read(i));
      expect(names.map((_, k) => second.value(0, k))).toEqual(expected);
    }
  });

  it('scales with prices and volumes as its unit says', () => {
    const columns = randomBars({ seed: 10, length: 300, isRough: true });
    const names = namesOf(indicator);
    const before = incremental(names, columns, 'compiled');
    // powers of two, so that equality is exact
    const scaled = Object.fromEntries(
      BAR_FIELDS.map((field) => {
        const factor = PRICES.has(field) ? 8 : VOLUMES.has(field) ? 4 : 1;
        return [field, columns[field].map((value) => factor * value)];
      }),
    ) as unknown as BarColumns;
    const after = incremental(names, scaled, 'compiled');
    indicator.outputs.forEach((output, k) => {
      const factor = { price: 8, volume: 4 }[output.unit] ?? 1;
      expect(after[k], output.name).toEqual(before[k]?.map((value) => factor * value));
    });
  });

  it('reads no bar field that it does not declare', () => {
    const columns = randomBars({ seed: 8, length: 200 });
    const names = namesOf(indicator);
    const before = incremental(names, columns, 'compiled');
    for (const field of BAR_FIELDS)
      if (!indicator.inputs.includes(field)) columns[field].fill(field === 'sessionStart' ? 1 : 777);
    expect(incremental(names, columns, 'compiled')).toEqual(before);
    names.forEach((name) => {
      expect(wholeHistory(name, columns).length).toBe(200);
    });
  });
});

const PRICES = new Set<BarField>(['open', 'high', 'low', 'close', 'vwap', 'bid', 'ask']);
const VOLUMES = new Set<BarField>(['volume', 'buyVolume', 'sellVolume', 'bidSize', 'askSize']);

/** Two NaN differ in bits nobody sees. */
function plainNaN(value: number): number {
  return Number.isNaN(value) ? Number.NaN : value;
}
