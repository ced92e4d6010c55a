import type { ChartPattern } from './chart-pattern.ts';
import type { ChannelShape } from './shapes/channel-shapes.ts';
import { channel } from './shapes/channel-shapes.ts';

const SHAPE: ChannelShape = {
  upper: 'falling',
  lower: 'flat',
  converges: true,
  breaks: -1,
  fit: 0.15,
  flat: 0.2,
  slope: 0.3,
};

export const descendingTriangle: ChartPattern = {
  id: 'descending-triangle',
  title: 'Descending triangle',
  source: 'Lo, Mamaysky and Wang 2000; tolerance in volatility units',
  definition:
    'A flat lower line and a falling upper one through five pivots: TEXT; confirmed by a close beyond the lower line',
  direction: -1,
  when: 'pivot',
  roles: ['first', 'second', 'third', 'fourth', 'fifth'],
  recognise: (view, out) => channel(view, out, SHAPE),
};
