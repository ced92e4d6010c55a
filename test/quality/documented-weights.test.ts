import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REASON_WEIGHTS, REJECT_NAMES } from '../../src/quality/index.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/data-quality.md'), 'utf8');

it('docs/data-quality.md lists every reason with its weight, and every refusal, in the order of the code', () => {
  const weights = [...page.matchAll(/^\| `([a-z-]+)` \| (0\.\d+) \|/gm)].map(([, name, weight]) => [
    name,
    Number(weight),
  ]);
  expect(weights).toEqual(REASON_WEIGHTS.map(({ name, weight }) => [name, weight]));
  const [ofRefusals = ''] = page.split('## Quality score');
  const refusals = [...ofRefusals.matchAll(/^\| `([a-z-]+)` \| [^0\d]/gm)].map(([, name]) => name);
  expect(refusals).toEqual(REJECT_NAMES.slice(1));
});
