import { Prng } from '../../src/base/index.ts';
import type { ChartBars } from '../../src/patterns/index.ts';

/** A way point: so many bars to a level, in standard deviations of one bar's log return from where the chart begins. */
export type WayPoint = readonly [bars: number, level: number];

const SIGMA = 0.0025;
const LEAD_BARS = 80;
const WICK = 0.1;
const MINUTE_US = 60_000_000;

/** Index of the first bar of a crafted chart after the noise from which the detectors learn the volatility. */
export const CRAFTED_FROM = LEAD_BARS;

/** Bars along straight lines between the way points, after 80 bars that go up and down by one deviation or so. */
export function craftedChart(wayPoints: readonly WayPoint[]): ChartBars {
  const random = new Prng(3);
  const closes = Array.from({ length: LEAD_BARS - 1 }, (_, i) => (i % 2 === 0 ? 0.5 : -0.5) + 0.2 * random.gauss());
  closes.push(0);
  let level = 0;
  for (const [bars, to] of wayPoints) {
    for (let i = 1; i <= bars; i++) closes.push(level + ((to - level) * i) / bars);
    level = to;
  }
  const price = (deviations: number): number => 100 * Math.exp(SIGMA * deviations);
  const opens = closes.map((_, i) => closes[i - 1] ?? 0);
  return {
    open: Float64Array.from(opens, price),
    high: Float64Array.from(closes, (close, i) => price(Math.max(close, opens[i] as number) + WICK)),
    low: Float64Array.from(closes, (close, i) => price(Math.min(close, opens[i] as number) - WICK)),
    close: Float64Array.from(closes, price),
    startUs: Float64Array.from(closes, (_, i) => i * MINUTE_US),
    endUs: Float64Array.from(closes, (_, i) => (i + 1) * MINUTE_US),
    slot: (index) => index,
  };
}

/** Way points upside down. */
export function mirrored(wayPoints: readonly WayPoint[]): WayPoint[] {
  return wayPoints.map(([bars, level]) => [bars, -level]);
}

/** Way points at one deviation a bar. */
export function steps(...levels: readonly number[]): WayPoint[] {
  let from = 0;
  return levels.map((level) => {
    const bars = Math.max(1, Math.round(Math.abs(level - from)));
    from = level;
    return [bars, level];
  });
}
