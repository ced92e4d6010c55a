import { join } from 'node:path';
import { expect, it } from 'vitest';
import { chartNoiseRates } from '../../bench/noise-rates.ts';
import { CHART_PATTERNS, type ChartPattern } from '../../src/patterns/index.ts';

const PAGE = join(import.meta.dirname, '../../docs/chart-pattern-table.md');
const WINDOWS = 5_000;
const SEED = 1;
const SETTINGS = [
  { windowBars: 38, sigma: 0.0025, steps: 8 },
  { windowBars: 38, sigma: 0.015, steps: 8 },
  { windowBars: 60, sigma: 0.0025, steps: 8 },
  { windowBars: 60, sigma: 0.015, steps: 8 },
] as const;

const SAYS = { 1: 'up', [-1]: 'down', 0: 'by the break' } as const;

it('the table of chart patterns says what the registry says (written anew by `npx vitest run test/patterns -u`)', async () => {
  const rates = SETTINGS.map(({ windowBars, sigma, steps }) =>
    chartNoiseRates({ seed: SEED, sigma, steps }, WINDOWS, windowBars),
  );
  const row = (pattern: ChartPattern): string =>
    `| ${[
      pattern.title,
      `\`${pattern.id}\``,
      SAYS[pattern.direction],
      ...rates.map((rate) => `${(100 * (rate.get(pattern.id) as number)).toFixed(1)} %`),
      pattern.definition,
      pattern.source,
    ].join(' | ')} |`;
  const heads = SETTINGS.map(({ windowBars, sigma }) => `${windowBars} bars, ${100 * sigma} %`);
  const page = [
    '# All chart patterns',
    '',
    'Written from the registry by `npx vitest run test/patterns -u`; do not edit by hand. The page `patterns.md` explains it.',
    '',
    `The rates say in what share of the windows of a random walk each one is told at least once, formed or confirmed: ${WINDOWS}`,
    `windows laid one after the other, seed ${SEED}, bars of ${SETTINGS[0].steps} Gaussian steps, at two deviations per bar.`,
    'sigma is the deviation of one bar as estimated at the time, n the bars of the formation.',
    '',
    `| pattern | id | says | ${heads.join(' | ')} | definition | source |`,
    `|---|---|---|${'---|'.repeat(heads.length)}---|---|`,
    ...CHART_PATTERNS.map(row),
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot(PAGE);
});
