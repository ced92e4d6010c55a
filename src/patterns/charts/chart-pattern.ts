import type { Direction } from '../../model/index.ts';
import type { ChartView } from './chart-view.ts';
import type { Formation } from './formation.ts';

/** A chart pattern: one file and one line of the registry. */
export interface ChartPattern {
  /** Kebab-case. */
  readonly id: string;
  readonly title: string;
  /** Where its definition comes from. */
  readonly source: string;
  /** Its criteria in words; sigma is the standard deviation of one bar's return, n the bars of the formation. */
  readonly definition: string;
  /** What it says when confirmed; 0: the side of the break decides. */
  readonly direction: Direction;
  /** When {@link recognise} is asked: when a pivot became known, or at every close. */
  readonly when: 'pivot' | 'close';
  /** Roles of the points, in the order in which the formation has them. */
  readonly roles: readonly string[];
  /**
   * Fills `out` when the formation stands at this close; false otherwise. It may depend on nothing but the view, and does
   * nothing else.
   */
  recognise(view: ChartView, out: Formation): boolean;
}
