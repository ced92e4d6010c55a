import type { ChartPattern } from './chart-pattern.ts';
import { doubleExtreme } from './shapes/reversal-shapes.ts';

export const doubleTop: ChartPattern = {
  id: 'double-top',
  title: 'Double top',
  source: 'Lo, Mamaysky and Wang 2000; tolerance in volatility units',
  definition:
    'Two pivot highs within 0.06 sigma sqrt(n), at least 10 bars apart, a swing of at least sigma sqrt(n) between them and a move into them of at least that swing, no higher pivot high just before; confirmed by a close through the swing',
  direction: -1,
  when: 'pivot',
  roles: ['first_top', 'neckline', 'second_top'],
  recognise: (view, out) => doubleExtreme(view, out, 1),
};
