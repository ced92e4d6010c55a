import type { Extremum } from './kernel-regression.ts';

/** The ten patterns of Lo, Mamaysky and Wang 2000, Definitions 1 to 5. */
export type LmwPattern = 'HS' | 'IHS' | 'BTOP' | 'BBOT' | 'TTOP' | 'TBOT' | 'RTOP' | 'RBOT' | 'DTOP' | 'DBOT';

/** A run of five extrema that meets at least one definition; `start` and `end` are indices of prices. */
export interface LmwFinding {
  readonly start: number;
  readonly end: number;
  readonly patterns: readonly LmwPattern[];
}

/** How far the shoulders, the neckline or two tops may lie from their mean, as a share of it. */
const SHOULDER_TOLERANCE = 0.015;
/** The same for the tops and the bottoms of a rectangle. */
const RECTANGLE_TOLERANCE = 0.0075;
/** The tops of a double top lie further apart than this, in bars. */
const DOUBLE_APART = 22;

/**
 * The definitions that five alternating extrema meet, in the order of the paper.
 * @param extrema the five prices. @param firstIsMax whether the first of them is a maximum.
 */
export function lmwFive(extrema: readonly number[], firstIsMax: boolean): LmwPattern[] {
  // Upside down a minimum is a maximum, and each pattern its mirror.
  const sign = firstIsMax ? 1 : -1;
  const [e1, e2, e3, e4, e5] = extrema.map((price) => sign * price) as [number, number, number, number, number];
  const found: LmwPattern[] = [];
  const isLevel = areClose([e1, e5], SHOULDER_TOLERANCE) && areClose([e2, e4], SHOULDER_TOLERANCE);
  if (e3 > e1 && e3 > e5 && isLevel) found.push(firstIsMax ? 'HS' : 'IHS');
  if (e1 < e3 && e3 < e5 && e2 > e4) found.push(firstIsMax ? 'BTOP' : 'BBOT');
  if (e1 > e3 && e3 > e5 && e2 < e4) found.push(firstIsMax ? 'TTOP' : 'TBOT');
  const isFlat = areClose([e1, e3, e5], RECTANGLE_TOLERANCE) && areClose([e2, e4], RECTANGLE_TOLERANCE);
  if (isFlat && Math.min(e1, e3, e5) > Math.max(e2, e4)) found.push(firstIsMax ? 'RTOP' : 'RBOT');
  return found;
}

/**
 * A double top or bottom that begins with the first of the extrema: its partner is the highest (lowest) of the later ones
 * of its kind, the earliest of equals.
 */
export function lmwDouble(extrema: readonly Extremum[]): LmwPattern[] {
  const first = extrema[0];
  if (first === undefined) return [];
  const sign = first.kind === 'max' ? 1 : -1;
  let partner: Extremum | undefined;
  for (const extremum of extrema.slice(1)) {
    if (extremum.kind !== first.kind) continue;
    if (partner === undefined || sign * extremum.price > sign * partner.price) partner = extremum;
  }
  if (partner === undefined || partner.index - first.index <= DOUBLE_APART) return [];
  if (!areClose([first.price, partner.price], SHOULDER_TOLERANCE)) return [];
  return [first.kind === 'max' ? 'DTOP' : 'DBOT'];
}

/** Every run of five neighbouring extrema that meets a definition. */
export function lmwFindings(extrema: readonly Extremum[]): LmwFinding[] {
  const findings: LmwFinding[] = [];
  for (let i = 0; i + 5 <= extrema.length; i++) {
    const five = extrema.slice(i, i + 5);
    const first = five[0] as Extremum;
    const patterns = lmwFive(
      five.map(({ price }) => price),
      first.kind === 'max',
    );
    if (patterns.length > 0) findings.push({ start: first.index, end: (five[4] as Extremum).index, patterns });
  }
  return findings;
}

function areClose(values: readonly number[], tolerance: number): boolean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.every((value) => Math.abs(value - mean) <= tolerance * Math.abs(mean));
}
