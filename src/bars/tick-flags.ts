/**
 * The small fields of a tick in one 32-bit integer, as ring and bars use them: price tier and volume bit as in
 * `TradeRule`, the aggressor's side, whether it was taken back, whether id and sequence are set, quality in thousandths
 * (10 bits) and source id (14 bits).
 */
export const FLAG_TIER_MASK = 0b11;
export const FLAG_VOLUME = 1 << 2;
/** The buyer was the aggressor. */
export const FLAG_BUY = 1 << 3;
export const FLAG_SELL = 1 << 4;
/** A cancel or correction took the tick back. */
export const FLAG_REMOVED = 1 << 5;
/** The id column of this tick is set. */
export const FLAG_ID = 1 << 6;
/** The sequence column of this tick is set. */
export const FLAG_SEQ = 1 << 7;
const QUALITY_SHIFT = 8;
const SOURCE_SHIFT = 18;
const MAX_SOURCE = 16_383;

/** @param rule of the trade's conditions @param side 1 bought, -1 sold, 0 unknown @param quality 0 to 1 */
export function packFlags(rule: number, side: number, quality: number, source: number): number {
  const sideFlag = side > 0 ? FLAG_BUY : side < 0 ? FLAG_SELL : 0;
  const thousandths = Math.round(quality * 1000);
  return rule | sideFlag | (thousandths << QUALITY_SHIFT) | (Math.min(source, MAX_SOURCE) << SOURCE_SHIFT);
}

/** Quality in thousandths. */
export function qualityOf(flags: number): number {
  return (flags >>> QUALITY_SHIFT) & 0x3ff;
}

export function sourceOf(flags: number): number {
  return flags >>> SOURCE_SHIFT;
}
