import { ascendingTriangle } from './ascending-triangle.ts';
import { bearFlag } from './bear-flag.ts';
import { breakoutDown } from './breakout-down.ts';
import { breakoutUp } from './breakout-up.ts';
import { bullFlag } from './bull-flag.ts';
import type { ChartPattern } from './chart-pattern.ts';
import { descendingTriangle } from './descending-triangle.ts';
import { doubleBottom } from './double-bottom.ts';
import { doubleTop } from './double-top.ts';
import { fallingWedge } from './falling-wedge.ts';
import { headAndShoulders } from './head-and-shoulders.ts';
import { inverseHeadAndShoulders } from './inverse-head-and-shoulders.ts';
import { rectangle } from './rectangle.ts';
import { resistanceTest } from './resistance-test.ts';
import { risingWedge } from './rising-wedge.ts';
import { supportTest } from './support-test.ts';
import { symmetricalTriangle } from './symmetrical-triangle.ts';
import { tripleBottom } from './triple-bottom.ts';
import { tripleTop } from './triple-top.ts';

/** Every chart pattern. Bit and block of a pattern follow from its place: new ones go to the end. */
export const CHART_PATTERNS: readonly ChartPattern[] = [
  doubleTop,
  doubleBottom,
  tripleTop,
  tripleBottom,
  headAndShoulders,
  inverseHeadAndShoulders,
  ascendingTriangle,
  descendingTriangle,
  symmetricalTriangle,
  rectangle,
  risingWedge,
  fallingWedge,
  bullFlag,
  bearFlag,
  breakoutUp,
  breakoutDown,
  supportTest,
  resistanceTest,
];
