import type { UTCTimestamp } from 'lightweight-charts';

/** Milliseconds since the epoch of an RFC 3339 text; throws on anything else, because a wrong time must not be drawn. */
export function epochMs(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw new RangeError(`not an RFC 3339 time: "${text}"`);
  return value;
}

/** The one place where a time becomes what the chart library wants: whole seconds since the epoch, UTC. */
export function chartSeconds(timeMs: number): UTCTimestamp {
  return Math.floor(timeMs / 1000) as UTCTimestamp;
}

/** Length of a timeframe such as `5m` in milliseconds (a month counts 30 days: for spacing, not for bounds). */
export function timeframeMs(timeframe: string): number {
  const match = /^([1-9]\d{0,3})([smhdwM])$/.exec(timeframe);
  if (match === null) throw new RangeError(`not a timeframe: "${timeframe}"; like 1s, 5m, 1h, 1d`);
  const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000, M: 2_592_000_000 };
  return Number(match[1]) * units[match[2] as keyof typeof units];
}
