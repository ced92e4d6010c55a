import type { ChartPattern } from './chart-pattern.ts';
import { levelTest } from './shapes/level-shapes.ts';

export const resistanceTest: ChartPattern = {
  id: 'resistance-test',
  title: 'Resistance test',
  source: 'Bounds of our own',
  definition:
    'Three pivot highs within 0.06 sigma sqrt(n) with none beyond them in between and swings of at least 0.8 sigma sqrt(n); confirmed when the third is known',
  direction: -1,
  when: 'pivot',
  roles: ['first_touch', 'second_touch', 'third_touch'],
  recognise: (view, out) => levelTest(view, out, 1),
};
