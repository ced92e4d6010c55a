import type { ChartPattern } from './chart-pattern.ts';
import type { ChannelShape } from './shapes/channel-shapes.ts';
import { channel } from './shapes/channel-shapes.ts';

const SHAPE: ChannelShape = {
  upper: 'flat',
  lower: 'rising',
  converges: true,
  breaks: 1,
  fit: 0.22,
  flat: 0.22,
  slope: 0.3,
};

export const ascendingTriangle: ChartPattern = {
  id: 'ascending-triangle',
  title: 'Ascending triangle',
  source: 'Lo, Mamaysky and Wang 2000; tolerance in volatility units',
  definition:
    'A flat upper line and a rising lower one through five pivots: the third touch of a line within 0.22 sigma sqrt(n) of the line through the others; flat: at most 0.22 sigma sqrt(n) over the formation; rising or falling: at least 0.3; its end between 0.1 and 0.65 of its beginning; at least 0.4 sigma sqrt(n) high; no swing shorter than a tenth of it; confirmed by a close beyond the upper line',
  direction: 1,
  when: 'pivot',
  roles: ['first', 'second', 'third', 'fourth', 'fifth'],
  recognise: (view, out) => channel(view, out, SHAPE),
};
