import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { GoldenInputError, type Json } from './golden-file.ts';
import { runGolden } from './run-golden.ts';

const VECTORS = join(import.meta.dirname, 'vectors');

function folderWith(files: { [name: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'tickloom-golden-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('golden vectors', () => {
  it('agree with the implementation, every case of every covered file', () => {
    const report = runGolden(VECTORS);
    expect(report.failures).toEqual([]);
    expect(report.uncovered).toEqual([]);
    expect(report.passed).toBeGreaterThan(0);
  });

  it.each([
    ['prng.json', ['cases', 0, 'expected', 'u32', 3]],
    ['prng.json', ['cases', 1, 'expected', 'gauss', 1]],
    ['indicators.json', ['cases', 0, 'expected', 'ADX_14', 'out', 40]],
    ['indicators.json', ['cases', 0, 'expected', 'MACD_12_26_9', 'hist', 60]],
    ['online_scaler.json', ['cases', 0, 'expected', 'transform_before_learn', 5]],
    ['bocpd.json', ['cases', 0, 'expected', 'p_r_le_10', 40]],
    ['hmm_filter.json', ['cases', 0, 'expected', 'p_state1_filtered', 3]],
    ['success_rate.json', ['cases', 0, 'expected', 'wilson', 2, 0]],
    ['probability.json', ['cases', 2, 'expected', 'p', 1]],
    ['baselines.json', ['cases', 1, 'expected', 'p_before', 5]],
  ] as const)('a value changed in %s at %j is found and named', (name, path) => {
    const content = JSON.parse(readFileSync(join(VECTORS, name), 'utf8')) as Json;
    let holder = content as { [key: string | number]: Json };
    for (const step of path.slice(0, -1)) holder = holder[step] as { [key: string | number]: Json };
    const last = path[path.length - 1] as string | number;
    holder[last] = (holder[last] as number) + 1e-3;
    const report = runGolden(folderWith({ [name]: JSON.stringify(content) }));
    expect(report.failed).toBe(1);
    expect(report.failures[0]).toContain(`[${last}]`);
  });

  it('names files that no checker covers, and goes on', () => {
    const report = runGolden(folderWith({ 'x.json': '{"id":"tea_leaves","cases":[]}' }));
    expect(report).toMatchObject({ passed: 0, failed: 0, uncovered: ['tea_leaves'] });
  });

  it('reads parameters from the names', () => {
    const close = Array.from({ length: 12 }, (_, i) => i * i);
    const expected = {
      SMA_3: close.map((_, i) => (i < 2 ? null : (close[i - 2]! + close[i - 1]! + close[i]!) / 3)),
      ROC_4: {
        first_index: 4,
        out: close.map((c, i) => (i < 4 ? null : close[i - 4] === 0 ? 0 : 100 * (c / close[i - 4]! - 1))),
      },
      VWAP_session5: close.map(() => null),
    };
    const cases = [{ name: 'squares', input: { close }, expected }];
    const report = runGolden(
      folderWith({ 'a.json': JSON.stringify({ id: 'indicators', tolerance_abs: 1e-9, cases }) }),
    );
    expect(report).toMatchObject({ passed: 1, failures: [] });
  });

  it('counts a broken file as failed and refuses a folder without files', () => {
    expect(runGolden(folderWith({ 'a.json': '{' })).failures[0]).toContain('cannot be read');
    expect(() => runGolden(folderWith({}))).toThrow(GoldenInputError);
    expect(() => runGolden(join(VECTORS, 'nowhere'))).toThrow(/is no folder/);
  });
});
