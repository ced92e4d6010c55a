import type { NumberReader, NumberWriter } from '../base/index.ts';

/** Places in the record of a position. */
export const POSITION = {
  STAGE: 0,
  PATTERN: 1,
  /** 0 a tracked pattern, 1 a random entry with the same barriers. */
  KIND: 2,
  DIRECTION: 3,
  UP: 4,
  DOWN: 5,
  HORIZON: 6,
  /** Bar at whose close the pattern was found. */
  ORIGIN: 7,
  /** Bar at whose close the entry is decided: the origin, or the random bar. */
  DECIDED: 8,
  CELL: 9,
  QUALITY: 10,
  STATEMENT: 11,
  ENTRY: 12,
  ENTRY_US: 13,
  EXIT_BAR: 14,
  EXIT: 15,
  EXIT_US: 16,
  TOUCH: 17,
  PREVIOUS: 18,
  NEXT: 19,
  NUMBER: 20,
  /** What was stated when it was decided (see `Forecast`). */
  REGIME: 21,
  CLOSENESS: 22,
  MODEL: 23,
  RANDOM: 24,
  BOUND: 25,
  ROUND: 26,
  CONFIDENCE: 27,
} as const;
/** Doubles per record. */
export const RECORD = 28;

export const STAGE = { FREE: 0, AWAITS_BAR: 1, AWAITS_ENTRY: 2, OPEN: 3, RESOLVED: 4, RELEASED: 5 } as const;

/** The touch of a position whose entry had no price: it counts nowhere. */
export const VOID = -1;

const FIRST_ROOM = 16;

/**
 * Memory of the positions of one series: records, and beside them the three columns that every bar is compared with. A
 * bar at or beyond one of these needs a closer look; they hold impossible values while nothing can happen. Slots of
 * forgotten positions are used again. Bound: `capacity` slots, policy `drop-newest`, counted in `dropped`.
 */
export class PositionColumns {
  readonly capacity: number;
  dropped = 0;
  /** The record of a slot begins at `slot * RECORD`. */
  record = new Float64Array(0);
  lower = new Float64Array(0);
  upper = new Float64Array(0);
  /** Ordinal of the bar at which something is due. */
  due = new Float64Array(0);
  /** Slots ever used; free ones are among them. */
  used = 0;
  private free: number[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.used - this.free.length;
  }

  get bytes(): number {
    return 8 * (this.record.length + 3 * this.due.length);
  }

  field(slot: number, place: number): number {
    return this.record[slot * RECORD + place] as number;
  }

  set(slot: number, place: number, value: number): void {
    this.record[slot * RECORD + place] = value;
  }

  /** A slot whose record is to be filled; -1 when all are taken. */
  take(): number {
    const known = this.free.pop();
    if (known !== undefined) return known;
    if (this.used === this.capacity) {
      this.dropped++;
      return -1;
    }
    if (this.used === this.due.length) this.grow();
    return this.used++;
  }

  giveBack(slot: number): void {
    this.set(slot, POSITION.STAGE, STAGE.FREE);
    this.disarm(slot, Number.POSITIVE_INFINITY);
    this.free.push(slot);
  }

  /** Nothing happens to a position before the bar `due`. */
  disarm(slot: number, due: number): void {
    this.lower[slot] = Number.NEGATIVE_INFINITY;
    this.upper[slot] = Number.POSITIVE_INFINITY;
    this.due[slot] = due;
  }

  private grow(): void {
    const room = Math.min(this.capacity, Math.max(FIRST_ROOM, 2 * this.due.length));
    const widened = (from: Float64Array, length: number): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(length);
      to.set(from);
      return to;
    };
    this.record = widened(this.record, room * RECORD);
    this.lower = widened(this.lower, room);
    this.upper = widened(this.upper, room);
    this.due = widened(this.due, room);
  }

  /** Everything as numbers. */
  save(writer: NumberWriter): void {
    writer.put(this.used);
    writer.put(this.dropped);
    writer.putRange(this.record, 0, this.used * RECORD);
    for (const column of [this.lower, this.upper, this.due]) writer.putRange(column, 0, this.used);
    writer.put(this.free.length);
    for (const slot of this.free) writer.put(slot);
  }

  /** Reads what {@link save} wrote, in place of what is there. */
  load(reader: NumberReader): void {
    const used = reader.take();
    this.dropped = reader.take();
    this.used = 0;
    while (this.due.length < used) this.grow();
    this.used = used;
    reader.takeRange(this.record, 0, used * RECORD);
    for (const column of [this.lower, this.upper, this.due]) reader.takeRange(column, 0, used);
    this.free = Array.from({ length: reader.take() }, reader.take);
  }
}
