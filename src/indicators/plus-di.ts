import { directionalColumns, directionalNodes } from './directional-movement.ts';
import { type Indicator, lengthParameter, parameter } from './indicator.ts';

/** Positive directional indicator. */
export const plusDi: Indicator = {
  name: 'plus_di',
  title: 'Positive directional indicator',
  source: 'Wilder 1978; TA-Lib PLUS_DI',
  inputs: ['high', 'low', 'close'],
  parameters: [lengthParameter(14, 'length', 2)],
  outputs: [{ name: 'plus_di', description: 'Upward movement as a share of the true range', unit: '0..100' }],
  build(graph, parameters) {
    return [directionalNodes(graph, parameter(parameters, 0)).plus];
  },
  wholeHistory(columns, parameters) {
    return [directionalColumns(columns, parameter(parameters, 0)).plus];
  },
};
