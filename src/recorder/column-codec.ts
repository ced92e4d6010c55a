import { invariant } from '../base/index.ts';

/**
 * How one column of an event block is packed. Numbers are kept bit for bit, except that a NaN is any NaN: a packing is
 * chosen only after every value of the column was seen to come back exactly. Packed integers are offsets from a base;
 * the highest offset of a width stands for NaN. Decimals are integers divided by a power of ten, which is how a parser
 * reads them, so that the quotient is the same double.
 */
export const Packing = {
  /** No values. */
  Empty: 0,
  /** Every value is the base. */
  Constant: 1,
  Offset8: 2,
  Offset16: 3,
  Offset32: 4,
  /** Low 32 bits in the 4-byte section, high 16 bits in the 2-byte section. */
  Offset48: 5,
  /** Eight bytes per value, as they are. */
  Raw: 6,
} as const;
export type Packing = (typeof Packing)[keyof typeof Packing];

export const POWERS_OF_TEN = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000] as const;
const MAX_SCALE = 8;
const LIMIT_8 = 0xff;
const LIMIT_16 = 0xffff;
const LIMIT_32 = 0xffff_ffff;
const LIMIT_48 = 0xffff_ffff_ffff;

/** A column as it will be packed: `values[0..count)` hold offsets (or raw values), NaN where there is none. */
export interface PackedColumn {
  packing: Packing;
  scale: number;
  base: number;
  count: number;
  readonly values: Float64Array;
}

export function newPackedColumn(capacity: number): PackedColumn {
  return { packing: Packing.Empty, scale: 0, base: 0, count: 0, values: new Float64Array(capacity) };
}

/** Chooses the packing of `column.values[0..count)` and turns the values into offsets in place. */
export function packColumn(column: PackedColumn, count: number, mayBeDecimal: boolean): void {
  column.count = count;
  column.scale = 0;
  column.base = 0;
  if (count === 0) {
    column.packing = Packing.Empty;
    return;
  }
  const { values } = column;
  if (isConstant(values, count)) {
    column.packing = Packing.Constant;
    column.base = values[0] as number;
    return;
  }
  const scale = exactScale(values, count, mayBeDecimal ? MAX_SCALE : 0);
  if (scale < 0) {
    column.packing = Packing.Raw;
    return;
  }
  toOffsets(column, scale);
}

function isConstant(values: Float64Array, count: number): boolean {
  const first = values[0] as number;
  for (let i = 1; i < count; i++) if (!Object.is(values[i], first)) return false;
  return true;
}

/** The smallest power of ten that makes every value an integer which divides back to the same double; -1 for none. */
function exactScale(values: Float64Array, count: number, maxScale: number): number {
  let scale = 0;
  let power = 1;
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    if (value !== value) continue;
    if (value === 0 && Object.is(value, -0)) return -1;
    for (;;) {
      const scaled = Math.round(value * power);
      if (scaled <= Number.MAX_SAFE_INTEGER && scaled >= -Number.MAX_SAFE_INTEGER && scaled / power === value) break;
      if (scale === maxScale) return -1;
      scale++;
      power = POWERS_OF_TEN[scale] as number;
      i = -1;
      break;
    }
  }
  return scale;
}

function toOffsets(column: PackedColumn, scale: number): void {
  const { values, count } = column;
  const power = POWERS_OF_TEN[scale] as number;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const scaled = Math.round((values[i] as number) * power);
    if (scaled < low) low = scaled;
    if (scaled > high) high = scaled;
  }
  const span = high - low;
  if (!(span < LIMIT_48)) {
    column.packing = Packing.Raw;
    return;
  }
  for (let i = 0; i < count; i++) values[i] = Math.round((values[i] as number) * power) - low;
  column.base = low;
  column.scale = scale;
  if (span < LIMIT_8) column.packing = Packing.Offset8;
  else if (span < LIMIT_16) column.packing = Packing.Offset16;
  else column.packing = span < LIMIT_32 ? Packing.Offset32 : Packing.Offset48;
}

/** Where the sections of a block's columns begin: by falling width, so that every section is aligned. */
export interface Sections {
  readonly f64: Float64Array;
  readonly u32: Uint32Array;
  readonly u16: Uint16Array;
  readonly u8: Uint8Array;
  at64: number;
  at32: number;
  at16: number;
  at8: number;
}

/** Bytes that a column takes in each section: how many 8-, 4-, 2- and 1-byte items. */
export function sectionCounts(packing: Packing, count: number, add: [number, number, number, number]): void {
  if (packing === Packing.Raw) add[0] += count;
  else if (packing === Packing.Offset32) add[1] += count;
  else if (packing === Packing.Offset48) {
    add[1] += count;
    add[2] += count;
  } else if (packing === Packing.Offset16) add[2] += count;
  else if (packing === Packing.Offset8) add[3] += count;
}

/** Writes the packed values of a column into the sections. */
export function writeColumn(column: PackedColumn, to: Sections): void {
  const { values, count } = column;
  switch (column.packing) {
    case Packing.Raw:
      to.f64.set(values.subarray(0, count), to.at64);
      to.at64 += count;
      return;
    case Packing.Offset8:
      for (let i = 0; i < count; i++) to.u8[to.at8++] = orSentinel(values[i] as number, LIMIT_8);
      return;
    case Packing.Offset16:
      for (let i = 0; i < count; i++) to.u16[to.at16++] = orSentinel(values[i] as number, LIMIT_16);
      return;
    case Packing.Offset32:
      for (let i = 0; i < count; i++) to.u32[to.at32++] = orSentinel(values[i] as number, LIMIT_32);
      return;
    case Packing.Offset48:
      for (let i = 0; i < count; i++) {
        const offset = orSentinel(values[i] as number, LIMIT_48);
        to.u32[to.at32++] = offset % 4_294_967_296;
        to.u16[to.at16++] = offset / 4_294_967_296;
      }
      return;
    default:
      return;
  }
}

function orSentinel(offset: number, sentinel: number): number {
  return offset === offset ? offset : sentinel;
}

/** Reads a column into `values[0..count)`; the inverse of {@link writeColumn}. */
export function readColumn(
  packing: number,
  scale: number,
  base: number,
  count: number,
  from: Sections,
  values: Float64Array,
): void {
  const power = POWERS_OF_TEN[scale] ?? Number.NaN;
  invariant(power === power, 'a column scale of a tape block lies in 0 to 8');
  switch (packing) {
    case Packing.Empty:
      return;
    case Packing.Constant:
      values.fill(base, 0, count);
      return;
    case Packing.Raw:
      values.set(from.f64.subarray(from.at64, from.at64 + count));
      from.at64 += count;
      return;
    case Packing.Offset8:
      spread(from.u8, from.at8, count, LIMIT_8, base, power, values);
      from.at8 += count;
      return;
    case Packing.Offset16:
      spread(from.u16, from.at16, count, LIMIT_16, base, power, values);
      from.at16 += count;
      return;
    case Packing.Offset32:
      spread(from.u32, from.at32, count, LIMIT_32, base, power, values);
      from.at32 += count;
      return;
    case Packing.Offset48:
      for (let i = 0; i < count; i++) {
        const offset = (from.u16[from.at16++] as number) * 4_294_967_296 + (from.u32[from.at32++] as number);
        values[i] = offset === LIMIT_48 ? Number.NaN : (base + offset) / power;
      }
      return;
    default:
      invariant(false, `a column packing of a tape block is one of 0 to 6, not ${packing}`);
  }
}

function spread(
  offsets: Uint8Array | Uint16Array | Uint32Array,
  start: number,
  count: number,
  sentinel: number,
  base: number,
  power: number,
  values: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const offset = offsets[start + i] as number;
    values[i] = offset === sentinel ? Number.NaN : (base + offset) / power;
  }
}
