import type { ChartPattern } from './chart-pattern.ts';
import { shoulders } from './shapes/reversal-shapes.ts';

export const headAndShoulders: ChartPattern = {
  id: 'head-and-shoulders',
  title: 'Head and shoulders',
  source: 'Lo, Mamaysky and Wang 2000; tolerance in volatility units',
  definition:
    'Three pivot highs, the middle one at least 0.4 sigma sqrt(n) beyond shoulders that lie within 0.3 sigma sqrt(n), the ends of the neckline within 0.4 sigma sqrt(n), halves of like length (0.4 at least), no higher pivot high just before; confirmed by a close through the neckline',
  direction: -1,
  when: 'pivot',
  roles: ['left_shoulder', 'neckline_left', 'head', 'neckline_right', 'right_shoulder'],
  recognise: (view, out) => shoulders(view, out, 1),
};
