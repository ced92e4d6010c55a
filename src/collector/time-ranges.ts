import type { Micros } from '../base/index.ts';

/** A stretch of time, half-open. */
export interface TimeRange {
  readonly fromUs: Micros;
  readonly toUs: Micros;
}

/** The same time in as few ranges as can be, ascending. */
export function joinRanges(ranges: readonly TimeRange[]): readonly TimeRange[] {
  const joined: { fromUs: Micros; toUs: Micros }[] = [];
  for (const { fromUs, toUs } of [...ranges].sort((a, b) => a.fromUs - b.fromUs)) {
    const last = joined.at(-1);
    if (last !== undefined && fromUs <= last.toUs) last.toUs = Math.max(last.toUs, toUs);
    else if (toUs > fromUs) joined.push({ fromUs, toUs });
  }
  return joined;
}

/** What of a range is not in `taken`, ascending. */
export function rangeWithout(range: TimeRange, taken: readonly TimeRange[]): readonly TimeRange[] {
  const left: TimeRange[] = [];
  let fromUs = range.fromUs;
  for (const each of joinRanges(taken)) {
    if (each.toUs <= fromUs) continue;
    if (each.fromUs >= range.toUs) break;
    if (each.fromUs > fromUs) left.push({ fromUs, toUs: each.fromUs });
    fromUs = each.toUs;
  }
  if (fromUs < range.toUs) left.push({ fromUs, toUs: range.toUs });
  return left;
}

/** A range in pieces of a length, the newest first; the oldest may be shorter. */
export function cutRange({ fromUs, toUs }: TimeRange, lengthUs: Micros): readonly TimeRange[] {
  const pieces: TimeRange[] = [];
  for (let endUs = toUs; endUs > fromUs; endUs -= lengthUs) {
    pieces.push({ fromUs: Math.max(fromUs, endUs - lengthUs), toUs: endUs });
  }
  return pieces;
}
