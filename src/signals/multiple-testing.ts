/** Adjusted p-values, in the order of the p-values given; a test is rejected where its value is at most alpha. */
export type Adjustment = (p: readonly number[]) => number[];

/** Every p times their number: bounds the chance of any false rejection. */
export const bonferroni: Adjustment = (p) => p.map((value) => Math.min(1, value * p.length));

/** Holm's step-down form of Bonferroni: the same bound, never less powerful. */
export const holm: Adjustment = (p) => {
  let most = 0;
  return inOrder(p, ascending(p), (value, rank) => {
    most = Math.max(most, Math.min(1, value * (p.length - rank)));
    return most;
  });
};

/** Benjamini and Hochberg 1995: bounds the expected share of false rejections among independent tests. */
export const benjaminiHochberg: Adjustment = (p) => stepUp(p, 1);

/** Benjamini and Yekutieli 2001: the same under any dependence. */
export const benjaminiYekutieli: Adjustment = (p) =>
  stepUp(
    p,
    p.reduce((sum, _, i) => sum + 1 / (i + 1), 0),
  );

function stepUp(p: readonly number[], factor: number): number[] {
  let least = 1;
  return inOrder(p, ascending(p).reverse(), (value, fromLargest) => {
    least = Math.min(least, (value * factor * p.length) / (p.length - fromLargest));
    return least;
  });
}

function ascending(p: readonly number[]): number[] {
  return p.map((_, i) => i).sort((a, b) => (p[a] as number) - (p[b] as number));
}

function inOrder(
  p: readonly number[],
  order: readonly number[],
  adjust: (p: number, rank: number) => number,
): number[] {
  const out = new Array<number>(p.length).fill(Number.NaN);
  order.forEach((index, rank) => {
    out[index] = adjust(p[index] as number, rank);
  });
  return out;
}
