/**
 * Scratch record of one trade on its way into ring and bars: {@link TICK_WIDTH} doubles. One typed array that is
 * filled again for every trade, because passing seven doubles as arguments would box each of them.
 */
export const TICK_TS = 0;
export const TICK_RECV = 1;
export const TICK_PRICE = 2;
export const TICK_SIZE = 3;
/** The provider's id (0 or above), a negative key of a text id, or NaN. */
export const TICK_ID = 4;
export const TICK_SEQ = 5;
/** Decides between trades of equal event time. */
export const TICK_TIE = 6;
export const TICK_TIER = 7;
/** 1 when the size counts as volume. */
export const TICK_COUNTS = 8;
/** Quality in thousandths, an integer. */
export const TICK_QUALITY = 9;
/** 1 buyer-initiated, -1 seller-initiated, 0 unknown. */
export const TICK_SIDE = 10;
export const TICK_SOURCE = 11;
export const TICK_WIDTH = 12;

export const FLAG_TIER_MASK = 0b11;
export const FLAG_VOLUME = 1 << 2;
export const FLAG_BUY = 1 << 3;
export const FLAG_SELL = 1 << 4;
/** A cancel or correction took the tick back. */
export const FLAG_REMOVED = 1 << 5;
/** Ten bits of quality sit above the six flag bits, the source id above those. */
const QUALITY_SHIFT = 6;
const SOURCE_SHIFT = 16;

/** The small fields of a tick in one 32-bit integer, as the ring keeps them. */
export function packFlags(tick: Float64Array): number {
  const side = tick[TICK_SIDE] as number;
  return (
    (tick[TICK_TIER] as number) |
    (tick[TICK_COUNTS] === 1 ? FLAG_VOLUME : 0) |
    (side > 0 ? FLAG_BUY : side < 0 ? FLAG_SELL : 0) |
    ((tick[TICK_QUALITY] as number) << QUALITY_SHIFT) |
    ((tick[TICK_SOURCE] as number) << SOURCE_SHIFT)
  );
}

/** The reverse of {@link packFlags}. */
export function unpackFlags(flags: number, tick: Float64Array): void {
  tick[TICK_TIER] = flags & FLAG_TIER_MASK;
  tick[TICK_COUNTS] = (flags & FLAG_VOLUME) === 0 ? 0 : 1;
  tick[TICK_SIDE] = (flags & FLAG_BUY) !== 0 ? 1 : (flags & FLAG_SELL) !== 0 ? -1 : 0;
  tick[TICK_QUALITY] = (flags >>> QUALITY_SHIFT) & 0x3ff;
  tick[TICK_SOURCE] = flags >>> SOURCE_SHIFT;
}
