import type { EventBatch } from '../model/index.ts';
import { Reject } from './reasons.ts';

export interface TimeLimits {
  /** How far an event time may lie after its receive time (clocks differ). */
  readonly clockSkewUs: number;
  /** Events before this are refused. */
  readonly earliestUs: number;
}

/** Symbol and times; every kind of event has them. */
export function checkOrigin(batch: EventBatch, row: number, limits: TimeLimits): number {
  if ((batch.symbol[row] as number) < 0) return Reject.UnknownSymbol;
  const tsUs = batch.tsEventUs[row] as number;
  const recvUs = batch.tsRecvUs[row] as number;
  if (!(Number.isSafeInteger(tsUs) && Number.isSafeInteger(recvUs))) return Reject.TimeMissing;
  if (tsUs < limits.earliestUs) return Reject.TimeTooEarly;
  return tsUs - recvUs > limits.clockSkewUs ? Reject.TimeInFuture : 0;
}

/** A Trade or Correction row: a positive price and a size. */
export function checkTrade(batch: EventBatch, row: number, limits: TimeLimits): number {
  const refused = checkOrigin(batch, row, limits);
  if (refused < 0) return refused;
  const price = checkPrice(batch.p0[row] as number);
  if (price < 0) return price;
  return isSize(batch.p1[row] as number) ? 0 : Reject.BadSize;
}

/** A Quote row: at least one side above 0; a side that is absent (NaN) or 0 is none. */
export function checkQuote(batch: EventBatch, row: number, limits: TimeLimits): number {
  const bid = batch.p0[row] as number;
  const ask = batch.p2[row] as number;
  const refused = checkOrigin(batch, row, limits);
  if (refused < 0) return refused;
  if (Math.abs(bid) === Number.POSITIVE_INFINITY || Math.abs(ask) === Number.POSITIVE_INFINITY) {
    return Reject.PriceNotFinite;
  }
  if (bid < 0 || ask < 0) return Reject.PriceNotPositive;
  if (!(bid > 0 || ask > 0)) return bid === 0 || ask === 0 ? Reject.PriceNotPositive : Reject.PriceNotFinite;
  return isSizeOrAbsent(batch.p1[row] as number) && isSizeOrAbsent(batch.p3[row] as number) ? 0 : Reject.BadSize;
}

/** A SourceBar row: positive prices, low <= open, close <= high; volume and count may be absent (NaN). */
export function checkBar(batch: EventBatch, row: number, limits: TimeLimits): number {
  const refused = checkOrigin(batch, row, limits);
  if (refused < 0) return refused;
  const open = batch.p0[row] as number;
  const high = batch.p1[row] as number;
  const low = batch.p2[row] as number;
  const close = batch.p3[row] as number;
  const price = Math.min(checkPrice(open), checkPrice(high), checkPrice(low), checkPrice(close));
  if (price < 0) return price;
  if (high < open || high < close || low > open || low > close || high < low) return Reject.OhlcBroken;
  return isSizeOrAbsent(batch.p4[row] as number) && isSizeOrAbsent(batch.p6[row] as number) ? 0 : Reject.BadSize;
}

/** A trade that was refused because its price is not above 0, of an instrument whose values may be anything. */
export function checkValue(batch: EventBatch, row: number): number {
  return isSize(batch.p1[row] as number) ? 0 : Reject.BadSize;
}

function checkPrice(price: number): number {
  if (!(Math.abs(price) < Number.POSITIVE_INFINITY)) return Reject.PriceNotFinite;
  return price > 0 ? 0 : Reject.PriceNotPositive;
}

function isSize(size: number): boolean {
  return size >= 0 && size < Number.POSITIVE_INFINITY;
}

function isSizeOrAbsent(size: number): boolean {
  return size !== size || isSize(size);
}
