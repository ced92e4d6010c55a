import type { ChartPattern } from './chart-pattern.ts';
import { breakout } from './shapes/level-shapes.ts';

export const breakoutDown: ChartPattern = {
  id: 'breakout-down',
  title: 'Breakout downwards',
  source: 'Bounds of our own',
  definition:
    'A bar of at least 2.2 sigma that closes at least 0.5 sigma beyond the range of the 40 bars before it, which is no wider than sigma sqrt(40) and whose ends are at least 8 bars old',
  direction: -1,
  when: 'close',
  roles: ['range_high', 'range_low', 'breakout'],
  recognise: (view, out) => breakout(view, out, -1),
};
