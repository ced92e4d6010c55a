import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compileFeatures, DEFAULT_FEATURES, FeatureEngine, wholeHistory } from '../../src/features/index.ts';
import { type BarColumns, barColumns } from '../../src/indicators/index.ts';
import { randomBars, rowReader } from '../support/random-bars.ts';

const DATA = process.env.TICKLOOM_TEST_DATA ?? join(import.meta.dirname, '../../../shared/data');
const REAL = join(DATA, 'daily/SPY.csv.gz');

/** Values of the last bars of a long run, bar by bar and over the whole history. */
function expectNoDrift(columns: BarColumns, names: readonly string[]): void {
  const engine = new FeatureEngine(compileFeatures(names));
  engine.ensureSeries(1);
  const read = rowReader(columns);
  const length = columns.close.length;
  for (let i = 0; i < length; i++) engine.update(0, read(i));
  const scale = columns.high[length - 1] as number;
  names.forEach((name, k) => {
    const expected = wholeHistory(name, columns)[length - 1] as number;
    const found = engine.value(0, k);
    if (Number.isNaN(expected)) expect(found, name).toBeNaN();
    else expect(Math.abs(found - expected) / Math.max(Math.abs(expected), scale), name).toBeLessThan(1e-9);
  });
}

describe('features over long histories', () => {
  it('do not drift in 100,000 rough bars', () => {
    expectNoDrift(randomBars({ seed: 11, length: 100_000, isRough: true }), DEFAULT_FEATURES);
  });

  it('need no more history than their memory: 500 and 2,000 bars agree to 1e-6', () => {
    const columns = randomBars({ seed: 12, length: 2000 });
    const names = DEFAULT_FEATURES.filter((name) => name !== 'obv');
    const run = (from: number): FeatureEngine => {
      const engine = new FeatureEngine(compileFeatures(names));
      engine.ensureSeries(1);
      const read = rowReader(columns);
      for (let i = from; i < 2000; i++) engine.update(0, read(i));
      return engine;
    };
    const [long, short] = [run(0), run(1500)];
    names.forEach((name, k) => {
      // the session VWAP needs the session's start, which lies inside both
      const [a, b] = [long.value(0, k), short.value(0, k)];
      expect(Math.abs(a - b) / Math.max(1, Math.abs(a)), name).toBeLessThan(1e-6);
    });
  });

  it.skipIf(!existsSync(REAL))('agree on real daily bars', () => {
    const rows = gunzipSync(readFileSync(REAL))
      .toString('utf8')
      .split('\n')
      .map((line) => line.split(',').map(Number))
      .filter((row) => row.length >= 6 && row.slice(-5).every(Number.isFinite));
    expect(rows.length).toBeGreaterThan(1000);
    const column = (index: number): Float64Array => Float64Array.from(rows, (row) => row[index] as number);
    const [open, high, low, close, volume] = [-5, -4, -3, -2, -1].map((i) => column((rows[0]?.length ?? 0) + i)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    expectNoDrift(barColumns(rows.length, { open, high, low, close, volume }), DEFAULT_FEATURES);
  });
});
