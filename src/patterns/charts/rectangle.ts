import type { ChartPattern } from './chart-pattern.ts';
import type { ChannelShape } from './shapes/channel-shapes.ts';
import { channel } from './shapes/channel-shapes.ts';

const SHAPE: ChannelShape = {
  upper: 'flat',
  lower: 'flat',
  converges: false,
  breaks: 0,
  fit: 0.15,
  flat: 0.17,
  slope: 0.3,
};

export const rectangle: ChartPattern = {
  id: 'rectangle',
  title: 'Rectangle',
  source: 'Lo, Mamaysky and Wang 2000; tolerance in volatility units',
  definition:
    'Two flat lines through five pivots: the third touch of a line within 0.15 sigma sqrt(n) of the line through the others; flat: at most 0.17 sigma sqrt(n) over the formation; at least 0.4 sigma sqrt(n) high; no swing shorter than a tenth of it; confirmed by a close beyond either line',
  direction: 0,
  when: 'pivot',
  roles: ['first', 'second', 'third', 'fourth', 'fifth'],
  recognise: (view, out) => channel(view, out, SHAPE),
};
