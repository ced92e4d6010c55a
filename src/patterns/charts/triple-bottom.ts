import type { ChartPattern } from './chart-pattern.ts';
import { tripleExtreme } from './shapes/reversal-shapes.ts';

export const tripleBottom: ChartPattern = {
  id: 'triple-bottom',
  title: 'Triple bottom',
  source: 'Bulkowski, Encyclopedia of Chart Patterns; tolerance in volatility units',
  definition:
    'Three pivot lows in a row within 0.16 sigma sqrt(n), swings of at least 0.6 sigma sqrt(n) between them and a move into them of at least that, no lower pivot low just before; confirmed by a close through both swings',
  direction: 1,
  when: 'pivot',
  roles: ['first_bottom', 'neckline_left', 'second_bottom', 'neckline_right', 'third_bottom'],
  recognise: (view, out) => tripleExtreme(view, out, -1),
};
