import type { ChartPattern } from './chart-pattern.ts';
import type { ChannelShape } from './shapes/channel-shapes.ts';
import { channel } from './shapes/channel-shapes.ts';

const SHAPE: ChannelShape = {
  upper: 'falling',
  lower: 'rising',
  converges: true,
  breaks: 0,
  fit: 0.35,
  flat: 0.2,
  slope: 0.3,
};

export const symmetricalTriangle: ChartPattern = {
  id: 'symmetrical-triangle',
  title: 'Symmetrical triangle',
  source: 'Lo, Mamaysky and Wang 2000; tolerance in volatility units',
  definition:
    'A falling upper line and a rising lower one through five pivots: the third touch of a line within 0.35 sigma sqrt(n) of the line through the others; rising or falling: at least 0.3; its end between 0.1 and 0.65 of its beginning; at least 0.4 sigma sqrt(n) high; no swing shorter than a tenth of it; confirmed by a close beyond either line',
  direction: 0,
  when: 'pivot',
  roles: ['first', 'second', 'third', 'fourth', 'fifth'],
  recognise: (view, out) => channel(view, out, SHAPE),
};
