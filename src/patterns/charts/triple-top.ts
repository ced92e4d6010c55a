import type { ChartPattern } from './chart-pattern.ts';
import { tripleExtreme } from './shapes/reversal-shapes.ts';

export const tripleTop: ChartPattern = {
  id: 'triple-top',
  title: 'Triple top',
  source: 'Bulkowski, Encyclopedia of Chart Patterns; tolerance in volatility units',
  definition:
    'Three pivot highs in a row within 0.16 sigma sqrt(n), swings of at least 0.6 sigma sqrt(n) between them and a move into them of at least that, no higher pivot high just before; confirmed by a close through both swings',
  direction: -1,
  when: 'pivot',
  roles: ['first_top', 'neckline_left', 'second_top', 'neckline_right', 'third_top'],
  recognise: (view, out) => tripleExtreme(view, out, 1),
};
