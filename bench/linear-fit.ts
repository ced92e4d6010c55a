/** A straight line through points. */
export interface LinearFit {
  readonly slope: number;
  /** Half of the interval that holds the slope with 95 %, for errors that know nothing of one another. */
  readonly error: number;
}

/** Least squares; the interval by the normal distribution, so twenty points and more are wanted. */
export function linearFit(x: readonly number[], y: readonly number[]): LinearFit {
  const n = x.length;
  const meanX = x.reduce((sum, value) => sum + value, 0) / n;
  const meanY = y.reduce((sum, value) => sum + value, 0) / n;
  let squares = 0;
  let products = 0;
  for (let i = 0; i < n; i++) {
    const dx = (x[i] as number) - meanX;
    squares += dx * dx;
    products += dx * ((y[i] as number) - meanY);
  }
  const slope = products / squares;
  let rest = 0;
  for (let i = 0; i < n; i++) {
    const error = (y[i] as number) - meanY - slope * ((x[i] as number) - meanX);
    rest += error * error;
  }
  return { slope, error: 1.96 * Math.sqrt(rest / (n - 2) / squares) };
}
