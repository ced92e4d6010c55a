/** Half the logarithm of 2 pi. */
const HALF_LOG_TWO_PI = 0.918_938_533_204_672_8;
const ROOT_TWO = Math.SQRT2;
/** From here on the Stirling series below is exact to the last digits of a double. */
const STIRLING_FROM = 10;
const TINY = 1e-300;
const EPSILON = 2 ** -53;
const MOST_TERMS = 20_000;

/** Terms B(2k) / (2k (2k - 1)) of the Stirling series (DLMF 5.11.1), first to last. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156, -3617 / 122_400] as const;

/** What ln Gamma(x) exceeds (x - 1/2) ln x - x + ln(2 pi) / 2 by. @param x above 0 */
function stirlingRest(x: number): number {
  if (x < STIRLING_FROM) return logGamma(x) - (x - 0.5) * Math.log(x) + x - HALF_LOG_TWO_PI;
  const inverse2 = 1 / (x * x);
  let sum = 0;
  for (let k = STIRLING.length - 1; k >= 0; k--) sum = sum * inverse2 + (STIRLING[k] as number);
  return sum / x;
}

/** Natural logarithm of the gamma function for x > 0 (Stirling series, small arguments shifted up); NaN otherwise. */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  if (x === 1 || x === 2) return 0;
  let shifted = x;
  let product = 1;
  while (shifted < STIRLING_FROM) {
    product *= shifted;
    shifted += 1;
  }
  return (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + stirlingRest(shifted) - Math.log(product);
}

/** x^a (1 - x)^b / B(a, b), by way of the deviance: no large logarithms that cancel (after C. Loader, 2000). */
function betaFront(x: number, a: number, b: number): number {
  const n = a + b;
  const deviance = a * Math.log((n * x) / a) + b * Math.log((n * (1 - x)) / b);
  const rest = stirlingRest(n) - stirlingRest(a) - stirlingRest(b);
  return Math.sqrt(a * (b / n)) * Math.exp(deviance + rest - HALF_LOG_TWO_PI);
}

/** Continued fraction of the incomplete beta function (DLMF 8.17.22) by the modified Lentz method. */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const change = d * c;
    value *= change;
    if (Math.abs(change - 1) <= 2 * EPSILON) return value;
  }
  return value;
}

function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/**
 * Regularised incomplete beta function I_x(a, b): the distribution function of Beta(a, b).
 * @param x from 0 to 1
 * @param a above 0
 * @param b above 0
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(a > 0) || !(b > 0) || !(x >= 0 && x <= 1)) return Number.NaN;
  if (x === 0 || x === 1) return x;
  const front = betaFront(x, a, b);
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/**
 * Quantile of Beta(a, b): the x with I_x(a, b) = p. Newton steps inside a bracket that bisection keeps closing.
 * @param p from 0 to 1
 */
export function inverseIncompleteBeta(p: number, a: number, b: number): number {
  if (!(a > 0) || !(b > 0) || !(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0 || p === 1) return p;
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  for (let step = 0; step < 200; step++) {
    const error = incompleteBeta(x, a, b) - p;
    if (error === 0) return x;
    if (error > 0) high = x;
    else low = x;
    const density = betaFront(x, a, b) / (x * (1 - x));
    const newton = x - error / density;
    // In a bracket of many magnitudes the middle of the logarithms closes in faster than the middle.
    const middle = low > 0 && high > 4 * low ? Math.sqrt(low * high) : low === 0 ? high / 16 : (low + high) / 2;
    const next = newton > low && newton < high ? newton : middle;
    if (Math.abs(next - x) <= 4 * EPSILON * x || high - low <= 4 * EPSILON * low) return next;
    x = next;
  }
  return x;
}

/** Complementary error function: a series near 0, a continued fraction (DLMF 7.9.1) in the tails. */
export function erfc(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  const square = size * size;
  if (size < 2) {
    let term = size;
    let sum = size;
    for (let k = 1; Math.abs(term) > EPSILON * Math.abs(sum) && k < 200; k++) {
      // erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^k x^(2k+1) / (2k+1)!!: all terms positive, nothing cancels.
      term *= (2 * square) / (2 * k + 1);
      sum += term;
    }
    const erf = ((2 * sum) / Math.sqrt(Math.PI)) * Math.exp(-square);
    return x < 0 ? 1 + erf : 1 - erf;
  }
  // Lentz on 1 / (x + (1/2)/(x + 1/(x + (3/2)/(x + …)))).
  let value = size;
  let c = size;
  let d = 0;
  for (let k = 1; k < 500; k++) {
    d = 1 / (size + (k / 2) * d);
    c = size + k / 2 / c;
    const change = c * d;
    value *= change;
    if (Math.abs(change - 1) <= 2 * EPSILON) break;
  }
  const tail = Math.exp(-square) / (Math.sqrt(Math.PI) * value);
  return x < 0 ? 2 - tail : tail;
}

/** Distribution function of the standard normal distribution. */
export function normalCdf(x: number): number {
  return 0.5 * erfc(-x / ROOT_TWO);
}

/** Density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x - HALF_LOG_TWO_PI);
}

/** Quantile of the standard normal distribution: a rational start (Abramowitz and Stegun 26.2.23) and Halley steps. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  let x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let step = 0; step < 3; step++) {
    const ratio = (normalCdf(x) - p) / normalDensity(x);
    x -= ratio / (1 + (x * ratio) / 2);
  }
  return x;
}
