import type { ChartPattern } from './chart-pattern.ts';
import { doubleExtreme } from './shapes/reversal-shapes.ts';

export const doubleBottom: ChartPattern = {
  id: 'double-bottom',
  title: 'Double bottom',
  source: 'Lo, Mamaysky and Wang 2000; tolerance in volatility units',
  definition:
    'Two pivot lows within 0.06 sigma sqrt(n), at least 10 bars apart, a swing of at least sigma sqrt(n) between them and a move into them of at least that swing, no lower pivot low just before; confirmed by a close through the swing',
  direction: 1,
  when: 'pivot',
  roles: ['first_bottom', 'neckline', 'second_bottom'],
  recognise: (view, out) => doubleExtreme(view, out, -1),
};
