/**
 * The small fields of a tick in one 32-bit integer, as ring and bars use them: price tier and volume bit as in
 * `TradeRule`, the aggressor's side, whether it was taken back, two bits that only snapshots use, quality in thousandths (10 bits)
 * and source id (14 bits).
 */
export const TICK_FLAGS = {
  FLAG_TIER_MASK: 0b11,
  FLAG_VOLUME: 1 << 2,
  /** The buyer was the aggressor. */
  FLAG_BUY: 1 << 3,
  FLAG_SELL: 1 << 4,
  /** A cancel or correction took the tick back. */
  FLAG_REMOVED: 1 << 5,
  SIDE_SHIFT: 3,
  QUALITY_SHIFT: 8,
  SOURCE_SHIFT: 18,
  MAX_SOURCE: 16_383,
} as const;

const { SIDE_SHIFT, QUALITY_SHIFT, SOURCE_SHIFT, MAX_SOURCE } = TICK_FLAGS;

/** @param side 0 unknown, 1 bought, 2 sold @param quality 0 to 1 */
export function packFlags(rule: number, side: number, quality: number, source: number): number {
  const thousandths = (quality * 1000 + 0.5) | 0;
  return rule | (side << SIDE_SHIFT) | (thousandths << QUALITY_SHIFT) | (Math.min(source, MAX_SOURCE) << SOURCE_SHIFT);
}

/** 0 unknown, 1 bought, 2 sold. */
export function sideOf(flags: number): number {
  return (flags >>> SIDE_SHIFT) & 3;
}

/** Quality in thousandths. */
export function qualityOf(flags: number): number {
  return (flags >>> QUALITY_SHIFT) & 0x3ff;
}

export function sourceOf(flags: number): number {
  return flags >>> SOURCE_SHIFT;
}
