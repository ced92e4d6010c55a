import { directionalColumns, directionalNodes } from './directional-movement.ts';
import { type Indicator, lengthParameter, parameter } from './indicator.ts';

/** Negative directional indicator. */
export const minusDi: Indicator = {
  name: 'minus_di',
  title: 'Negative directional indicator',
  source: 'Wilder 1978; TA-Lib MINUS_DI',
  inputs: ['high', 'low', 'close'],
  parameters: [lengthParameter(14, 'length', 2)],
  outputs: [{ name: 'minus_di', description: 'Downward movement as a share of the true range', unit: '0..100' }],
  build(graph, parameters) {
    return [directionalNodes(graph, parameter(parameters, 0)).minus];
  },
  wholeHistory(columns, parameters) {
    return [directionalColumns(columns, parameter(parameters, 0)).minus];
  },
};
