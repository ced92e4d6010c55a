import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TickloomError } from '../../src/base/index.ts';
import { compileFeatures, DEFAULT_FEATURES, FeatureEngine } from '../../src/features/index.ts';
import { type BarColumns, barColumns } from '../../src/indicators/index.ts';
import { randomBars, rowReader } from '../support/random-bars.ts';

const plan = compileFeatures(DEFAULT_FEATURES);
const NONE = new Float64Array(DEFAULT_FEATURES.length).fill(Number.NaN);

function engineWith(series: number, revisableBars = 8): FeatureEngine {
  const engine = new FeatureEngine(plan, { revisableBars });
  engine.ensureSeries(series);
  return engine;
}

function vector(engine: FeatureEngine, series = 0): Float64Array {
  return engine.latest(series, new Float64Array(plan.names.length));
}

function feed(engine: FeatureEngine, columns: BarColumns, from: number, to: number, series = 0): void {
  const read = rowReader(columns);
  for (let i = from; i < to; i++) engine.update(series, read(i));
}

/** A fresh engine fed with all bars: what any detour must end in. */
function straight(columns: BarColumns, bars = columns.close.length): Float64Array {
  const engine = engineWith(1);
  feed(engine, columns, 0, bars);
  return vector(engine);
}

describe('FeatureEngine', () => {
  it('runs compiled where WebAssembly exists, with room for 1000 symbols in five timeframes', () => {
    const engine = engineWith(1000);
    expect(engine.runtimeKind).toBe('compiled');
    expect(engine.bytesPerSeries * 5 * 1000).toBeLessThan(50e6);
    expect((engine.bytesPerSeries / 8) % 2).toBe(1);
  });

  it('has no values before the first bar and keeps series apart while it grows', () => {
    const columns = randomBars({ seed: 1, length: 80 });
    const other = randomBars({ seed: 2, length: 80 });
    const engine = engineWith(1);
    expect(vector(engine)).toEqual(NONE);
    feed(engine, columns, 0, 40);
    engine.ensureSeries(700);
    expect(vector(engine, 699)).toEqual(NONE);
    feed(engine, other, 0, 80, 699);
    feed(engine, columns, 40, 80);
    expect(vector(engine)).toEqual(straight(columns));
    expect(vector(engine, 699)).toEqual(straight(other));
    expect(engine.barCount(699)).toBe(80);
    expect(engine.value(0, plan.indexOf('sma_20') as number)).toBe(vector(engine)[0]);
  });

  it.each([1, 2, 3, 127, 128, 129, 300])('takes %i series in one call as it takes them one by one', (count) => {
    const bars = 60;
    const many = engineWith(count);
    const single = engineWith(count);
    const all = Array.from({ length: count }, (_, i) => randomBars({ seed: i, length: bars, isRough: true }));
    const readers = all.map(rowReader);
    const ids = Int32Array.from({ length: count }, (_, i) => count - 1 - i);
    for (let bar = 0; bar < bars; bar++) {
      // every third bar some series are silent, so that neighbours are not equally far
      const present = ids.filter((id) => bar % 3 !== 0 || id % 2 === 0);
      const row = barColumns(present.length);
      present.forEach((id, i) => {
        const input = readers[id]?.(bar);
        for (const field of Object.keys(row) as (keyof BarColumns)[]) row[field][i] = input?.[field] as number;
        if (input !== undefined) single.update(id, input);
      });
      many.updateMany(present, row);
    }
    for (let id = 0; id < count; id++) expect(vector(many, id)).toEqual(vector(single, id));
  });

  it('previews a forming bar and keeps nothing of it', () => {
    const columns = randomBars({ seed: 3, length: 90 });
    const engine = engineWith(2);
    feed(engine, columns, 0, 89);
    const before = vector(engine);
    const forming = new Float64Array(plan.names.length);
    engine.preview(0, rowReader(columns)(89), forming);
    expect(vector(engine)).toEqual(before);
    expect(engine.barCount(0)).toBe(89);
    feed(engine, columns, 89, 90);
    expect(vector(engine)).toEqual(forming);
  });

  it('re-runs a revised bar as if it had always been so', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 140 }),
        fc.integer({ min: 0, max: 40 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 }),
        (seed, bars, revisableBars, depths) => {
          const columns = randomBars({ seed, length: bars, isRough: true });
          const engine = engineWith(1, revisableBars);
          feed(engine, columns, 0, bars);
          for (const depth of depths) {
            const bar = Math.max(0, bars - depth);
            const from = engine.rewind(0, bar);
            expect(from !== undefined).toBe(bars - bar <= revisableBars);
            if (from === undefined) {
              expect(engine.barCount(0)).toBe(bars);
              continue;
            }
            expect(from).toBeLessThanOrEqual(bar);
            expect(bars - from).toBeLessThanOrEqual(engine.rerunBars);
            columns.close[bar] = (columns.low[bar] as number) * 0.99;
            columns.low[bar] = columns.close[bar] as number;
            feed(engine, columns, from, bars);
          }
          expect(vector(engine)).toEqual(straight(columns));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses to rewind further than it can, counts that, and changes nothing', () => {
    const columns = randomBars({ seed: 4, length: 200 });
    const engine = engineWith(1, 4);
    feed(engine, columns, 0, 200);
    const before = vector(engine);
    expect(engine.rewind(0, 100)).toBeUndefined();
    expect(engine.rewindsRefused).toBe(1);
    expect(vector(engine)).toEqual(before);
    expect(engine.rewind(0, 200)).toBe(200);
  });

  it('goes on from a snapshot as if nothing had happened, revisions included', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 120 }), (seed, cut) => {
        const columns = randomBars({ seed, length: 130, isRough: true });
        const first = engineWith(3);
        feed(first, columns, 0, cut, 1);
        const second = engineWith(0);
        second.restore(first.snapshot());
        expect(second.seriesCount).toBe(3);
        const from = second.rewind(1, Math.max(0, cut - 5)) as number;
        feed(second, columns, from, 130, 1);
        expect(vector(second, 1)).toEqual(straight(columns));
        expect(vector(second, 2)).toEqual(NONE);
      }),
      { numRuns: 20 },
    );
  });

  it('a snapshot that grew into a larger engine shrinks it back', () => {
    const small = engineWith(2);
    const large = engineWith(500);
    large.restore(small.snapshot());
    expect(large.seriesCount).toBe(2);
    large.ensureSeries(3);
    expect(vector(large, 2)).toEqual(NONE);
  });

  it('refuses snapshots that are damaged or of other features', () => {
    const bytes = engineWith(2).snapshot();
    const other = new FeatureEngine(compileFeatures(['sma_20']));
    expect(() => other.restore(bytes)).toThrow(/it holds "features sma_20 sma_50/);
    expect(() => engineWith(0).restore(bytes.subarray(0, bytes.length - 8))).toThrow(/bytes where/);
    expect(() => engineWith(0).restore(new Uint8Array(4))).toThrow(TickloomError);
    expect(() => engineWith(0).restore(new Uint8Array(5000))).toThrow(/no snapshot of features/);
  });

  it('shows nothing of what comes later: a prefix gives the same vectors', () => {
    const columns = randomBars({ seed: 5, length: 150, isRough: true });
    const engine = engineWith(1);
    const seen: Float64Array[] = [];
    for (let bar = 0; bar < 150; bar++) {
      feed(engine, columns, bar, bar + 1);
      seen.push(vector(engine));
    }
    for (const cut of [1, 20, 51, 99]) expect(straight(columns, cut)).toEqual(seen[cut - 1]);
  });

  it('names a series that does not exist', () => {
    const engine = engineWith(2);
    expect(() => engine.update(2, rowReader(randomBars({ seed: 1, length: 1 }))(0))).toThrow(/Series 2 of 2/);
  });
});
