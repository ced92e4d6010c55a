import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compileFeatures, DEFAULT_FEATURES } from '../../src/features/index.ts';
import { INDICATORS, type Indicator } from '../../src/indicators/index.ts';

const PAGE = join(import.meta.dirname, '../../docs/indicator-table.md');

function row(indicator: Indicator): string {
  const plan = compileFeatures(indicator.outputs.map((output) => output.name));
  const outputs = indicator.outputs.map((output) => `\`${output.name}\``).join(', ');
  const parameters = indicator.parameters.map((parameter) => `${parameter.name} ${parameter.standard}`).join(', ');
  const units = [...new Set(indicator.outputs.map((output) => output.unit))].join(', ');
  const gaps = indicator.outputs
    .map((output) => (output.missingWhen ? ` Null when ${output.missingWhen}.` : ''))
    .join('');
  const cells = [indicator.title, outputs, parameters || '–', plan.warmUpBars, units, `${indicator.source}.${gaps}`];
  return `| ${cells.join(' | ')} |`;
}

it('the table of indicators says what the registry says (written anew by `npx vitest run test/indicators -u`)', async () => {
  const page = [
    '# All indicators',
    '',
    'Written from the registry by `npx vitest run test/indicators -u`; do not edit by hand. The page `indicators.md` explains it.',
    '',
    '| indicator | outputs | parameters, standard values | bars until the first value | unit | definition |',
    '|---|---|---|---|---|---|',
    ...INDICATORS.map(row),
    '',
    'Features that every series has by default:',
    '',
    `${DEFAULT_FEATURES.map((name) => `\`${name}\``).join(', ')}.`,
    '',
  ].join('\n');
  await expect(page).toMatchFileSnapshot(PAGE);
});
