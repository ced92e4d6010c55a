import type { ChartPattern } from './chart-pattern.ts';
import { flag } from './shapes/flag-shape.ts';

export const bearFlag: ChartPattern = {
  id: 'bear-flag',
  title: 'Bear flag',
  source: 'Bulkowski; bounds of our own',
  definition:
    'A pole of 2 to 10 bars and, from close to close, at least 3 sigma sqrt(p) (p its bars), then 5 to 20 bars that give back at most half of it in a channel that is flat or leans against it; confirmed by a close beyond the channel',
  direction: -1,
  when: 'close',
  roles: ['pole_start', 'pole_end', 'flag_end'],
  recognise: (view, out) => flag(view, out, -1),
};
