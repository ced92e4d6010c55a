export { Digest } from './digest.ts';
export { invariant, TickloomError, UsageError } from './errors.ts';
export { addExact, addExactPair, lowHalf } from './exact-sum.ts';
export { joinParts, lengthOf, NumberReader, NumberWriter } from './number-stream.ts';
export { Prng } from './prng.ts';
export {
  erfc,
  incompleteBeta,
  inverseIncompleteBeta,
  logGamma,
  normalCdf,
  normalDensity,
  normalQuantile,
} from './special-functions.ts';
export { TextTable } from './text-table.ts';
export { TimerQueue } from './timer-queue.ts';
export type { Micros, Millis, Seconds } from './units.ts';
export {
  formatMicros,
  microsFromMillis,
  millisFromMicros,
  parseMicros,
  US_PER_DAY,
  US_PER_HOUR,
  US_PER_MINUTE,
  US_PER_MS,
  US_PER_SECOND,
} from './units.ts';
