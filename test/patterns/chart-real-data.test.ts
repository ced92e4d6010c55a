import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { PatternFinding } from '../../src/model/index.ts';
import { type ChartBars, ChartScanner } from '../../src/patterns/index.ts';

const DATA = process.env['TICKLOOM_TEST_DATA'] ?? join(import.meta.dirname, '../../../shared/data');
const ROWS = 12_000;

function readBars(name: string): ChartBars {
  const lines = gunzipSync(readFileSync(join(DATA, `${name}.csv.gz`)))
    .toString()
    .trim()
    .split('\n')
    .slice(1, ROWS + 1);
  const rows = lines.map((line) => line.split(',').map(Number));
  const column = (k: number): Float64Array => Float64Array.from(rows, (row) => row[k] as number);
  const startUs = column(0).map((ms) => ms * 1_000);
  const endUs = startUs.map((us, i) => startUs[i + 1] ?? us + 1);
  return { startUs, endUs, open: column(1), high: column(2), low: column(3), close: column(4), slot: (i) => i };
}

describe.skipIf(!existsSync(DATA))('chart patterns on recorded bars (TICKLOOM_TEST_DATA)', () => {
  it.each(['daily/SPY', 'daily/AAPL', 'hour/EURUSD.oanda.bid', 'minute/BTCUSD.coinbase', 'minute/ESZ3.cme'])(
    '%s: rare, in order of time, with levels that make sense',
    (name) => {
      const bars = readBars(name);
      const scanner = new ChartScanner();
      const state = new Float64Array(scanner.stateSize);
      const counts = new Map<string | number, number>();
      for (let i = 0; i < bars.close.length; i++) {
        scanner.update(state, 0, bars, i, (finding: PatternFinding) => {
          counts.set(finding.patternId, (counts.get(finding.patternId) ?? 0) + 1);
          expect(finding.fromUs).toBeLessThan(finding.formedAtUs);
          expect(finding.formedAtUs).toBeLessThanOrEqual(bars.endUs[i] as number);
          for (const { tsUs, price } of finding.points) {
            expect(bars.startUs.includes(tsUs)).toBe(true);
            expect(price).toBeGreaterThan(0);
          }
          const { direction, levels } = finding;
          if (levels === undefined) return;
          expect(direction * (levels.target - levels.entry)).toBeGreaterThan(0);
          expect(direction * (levels.entry - levels.stop)).toBeGreaterThan(0);
        });
      }
      expect(counts.size).toBeGreaterThan(8);
      // Formed and confirmed together; real prices jump and trend, so that there may be more than on noise, but not many.
      for (const [id, count] of counts) expect(count / bars.close.length, String(id)).toBeLessThan(0.02);
    },
  );
});
