import type { NumberReader, NumberWriter } from '../base/index.ts';
import { POSITION, PositionColumns, RECORD, STAGE, VOID } from './position-columns.ts';
import { exitPrice, TOUCH, touchOf } from './triple-barrier.ts';

const NEVER = Number.POSITIVE_INFINITY;
const P = POSITION;

/**
 * The positions of one series: patterns that are followed from the open of the bar after their discovery to target, stop
 * or expiry, and random entries beside them. What a bar did is kept with its ordinal, so that `rewind` can undo it; a
 * position is forgotten only after `release` found that its bars can not change any more.
 *
 * Positions of the same pattern and kind form a chain in the order of their entries, from which their overlap is read.
 */
export class PositionList {
  readonly columns: PositionColumns;
  private readonly chains: number;
  private readonly first: Int32Array;
  private readonly last: Int32Array;
  /** Slots of resolved positions, by bar of exit and number. */
  private resolved: number[] = [];
  private numbers = 0;
  private longest = 0;
  private spans = new Int32Array(0);

  /** @param patterns number of patterns that there can be */
  constructor(patterns: number, capacity: number) {
    this.columns = new PositionColumns(capacity);
    this.chains = 2 * patterns;
    this.first = new Int32Array(this.chains).fill(-1);
    this.last = new Int32Array(this.chains).fill(-1);
  }

  /** Positions held, released ones that still overlap others included. */
  get length(): number {
    return this.columns.length;
  }

  /** Bytes of the columns. */
  get stateBytes(): number {
    return this.columns.bytes + 8 * this.chains;
  }

  /**
   * Adds a position; the fields that are not arguments are zero until they are set.
   * @param decided ordinal of the bar at whose close it is entered: later than `origin` for a random entry
   * @returns its slot, or -1 when the list is full
   */
  add(
    pattern: number,
    kind: 0 | 1,
    direction: 1 | -1,
    up: number,
    down: number,
    horizon: number,
    origin: number,
    decided: number,
  ): number {
    const slot = this.columns.take();
    if (slot < 0) return slot;
    const at = slot * RECORD;
    const { record } = this.columns;
    record.fill(0, at, at + RECORD);
    record[at + P.PATTERN] = pattern;
    record[at + P.KIND] = kind;
    record[at + P.DIRECTION] = direction;
    record[at + P.UP] = up;
    record[at + P.DOWN] = down;
    record[at + P.HORIZON] = horizon;
    record[at + P.ORIGIN] = origin;
    record[at + P.DECIDED] = decided;
    record[at + P.NUMBER] = this.numbers++;
    record[at + P.ROUND] = -1;
    this.longest = Math.max(this.longest, horizon);
    this.await(slot);
    this.link(slot);
    return slot;
  }

  /**
   * Moves every position by a closed bar.
   * @param cell regime cell at the close of this bar: random entries that are decided here count in it
   */
  onBar(
    ordinal: number,
    open: number,
    high: number,
    low: number,
    close: number,
    startUs: number,
    endUs: number,
    cell: number,
    quality: number,
  ): void {
    const { record, lower, upper, due, used } = this.columns;
    for (let slot = 0; slot < used; slot++) {
      if (!(low <= (lower[slot] as number) || high >= (upper[slot] as number) || ordinal >= (due[slot] as number)))
        continue;
      const at = slot * RECORD;
      if (record[at + P.STAGE] === STAGE.AWAITS_BAR) {
        record[at + P.CELL] = cell;
        record[at + P.QUALITY] = quality;
        record[at + P.STAGE] = STAGE.AWAITS_ENTRY;
        due[slot] = ordinal + 1;
        continue;
      }
      if (record[at + P.STAGE] === STAGE.AWAITS_ENTRY) {
        record[at + P.ENTRY] = open;
        record[at + P.ENTRY_US] = startUs;
        if (open > 0) this.open(slot);
        else this.resolve(slot, ordinal, VOID, open, endUs);
      }
      if (record[at + P.STAGE] === STAGE.OPEN) this.look(slot, ordinal, open, high, low, close, endUs);
    }
  }

  /** Undoes what bars from `ordinal` on did. @param onDropped called for each position that was found at one of them */
  rewind(ordinal: number, onDropped: (slot: number) => void): void {
    for (let slot = 0; slot < this.columns.used; slot++) {
      const at = slot * RECORD;
      const stage = this.columns.record[at + P.STAGE] as number;
      if (stage === STAGE.FREE || stage === STAGE.RELEASED) continue;
      if ((this.columns.record[at + P.ORIGIN] as number) >= ordinal) {
        onDropped(slot);
        this.forget(slot);
      } else if ((this.columns.record[at + P.DECIDED] as number) + 1 >= ordinal) this.await(slot, ordinal);
      else if (stage === STAGE.RESOLVED && (this.columns.record[at + P.EXIT_BAR] as number) >= ordinal) this.open(slot);
    }
    this.resolved = this.resolved.filter((slot) => this.columns.field(slot, P.STAGE) === STAGE.RESOLVED);
  }

  /**
   * Hands over positions that were resolved at bars up to `upTo`, oldest first, each with its uniqueness: the mean of 1
   * over the number of positions of its chain that were open, over its bars.
   */
  release(upTo: number, onReleased: (slot: number, uniqueness: number) => void): void {
    let count = 0;
    while (count < this.resolved.length) {
      const slot = this.resolved[count] as number;
      if (this.columns.field(slot, P.EXIT_BAR) > upTo) break;
      onReleased(slot, this.columns.field(slot, P.TOUCH) === VOID ? 0 : this.uniqueness(slot));
      this.columns.set(slot, P.STAGE, STAGE.RELEASED);
      count++;
    }
    if (count === 0) return;
    const released = this.resolved.splice(0, count);
    for (const slot of released)
      if (this.columns.field(slot, P.STAGE) === STAGE.RELEASED) this.prune(this.chainOf(slot));
  }

  private uniqueness(slot: number): number {
    const { record } = this.columns;
    const entry = this.columns.field(slot, P.DECIDED) + 1;
    const exit = this.columns.field(slot, P.EXIT_BAR);
    const bars = exit - entry + 1;
    if (this.spans.length < bars + 1) this.spans = new Int32Array(2 * bars + 1);
    const { spans } = this;
    spans.fill(0, 0, bars + 1);
    for (
      let other = this.columns.field(slot, P.PREVIOUS);
      other >= 0;
      other = record[other * RECORD + P.PREVIOUS] as number
    ) {
      if ((record[other * RECORD + P.DECIDED] as number) + 1 < entry - this.longest) break;
      this.overlap(other, entry, exit);
    }
    for (let other = this.columns.field(slot, P.NEXT); other >= 0; other = record[other * RECORD + P.NEXT] as number) {
      if ((record[other * RECORD + P.DECIDED] as number) + 1 > exit) break;
      this.overlap(other, entry, exit);
    }
    let sum = 0;
    let open = 1;
    for (let i = 0; i < bars; i++) {
      open += spans[i] as number;
      sum += 1 / open;
    }
    return sum / bars;
  }

  private overlap(other: number, entry: number, exit: number): void {
    const at = other * RECORD;
    const isOver = (this.columns.record[at + P.STAGE] as number) >= STAGE.RESOLVED;
    if (isOver && this.columns.record[at + P.TOUCH] === VOID) return;
    const from = Math.max((this.columns.record[at + P.DECIDED] as number) + 1, entry);
    const to = isOver ? Math.min(this.columns.record[at + P.EXIT_BAR] as number, exit) : exit;
    if (to < from) return;
    this.spans[from - entry] = (this.spans[from - entry] as number) + 1;
    this.spans[to - entry + 1] = (this.spans[to - entry + 1] as number) - 1;
  }

  /** Forgets released positions of a chain that overlap none that is still to be released. */
  private prune(chain: number): void {
    let waiting = this.first[chain] as number;
    while (waiting >= 0 && this.columns.field(waiting, P.STAGE) === STAGE.RELEASED)
      waiting = this.columns.field(waiting, P.NEXT);
    const entry = waiting < 0 ? NEVER : this.columns.field(waiting, P.DECIDED) + 1;
    let slot = this.first[chain] as number;
    while (slot >= 0 && slot !== waiting) {
      const next = this.columns.field(slot, P.NEXT);
      if (this.columns.field(slot, P.EXIT_BAR) < entry) this.forget(slot);
      slot = next;
    }
  }

  /** Puts a position back to before its entry; before its random bar too, where that lies at `from` or later. */
  private await(slot: number, from = 0): void {
    const at = slot * RECORD;
    const decided = this.columns.record[at + P.DECIDED] as number;
    const isRandom = this.columns.record[at + P.KIND] === 1 && decided >= from;
    this.columns.record[at + P.STAGE] = isRandom ? STAGE.AWAITS_BAR : STAGE.AWAITS_ENTRY;
    this.columns.disarm(slot, isRandom ? decided : decided + 1);
  }

  private open(slot: number): void {
    const at = slot * RECORD;
    const { record } = this.columns;
    const entry = record[at + P.ENTRY] as number;
    const isLong = (record[at + P.DIRECTION] as number) > 0;
    record[at + P.STAGE] = STAGE.OPEN;
    this.columns.lower[slot] = entry * (1 - (record[at + (isLong ? P.DOWN : P.UP)] as number));
    this.columns.upper[slot] = entry * (1 + (record[at + (isLong ? P.UP : P.DOWN)] as number));
    this.columns.due[slot] = (record[at + P.DECIDED] as number) + (record[at + P.HORIZON] as number);
  }

  private look(
    slot: number,
    ordinal: number,
    open: number,
    high: number,
    low: number,
    close: number,
    endUs: number,
  ): void {
    const lower = this.columns.lower[slot] as number;
    const upper = this.columns.upper[slot] as number;
    const direction = this.columns.field(slot, P.DIRECTION);
    const touch = touchOf(direction, lower, upper, high, low);
    if (touch !== TOUCH.NONE)
      this.resolve(slot, ordinal, touch, exitPrice(direction, touch, lower, upper, open), endUs);
    else if (ordinal >= (this.columns.due[slot] as number)) this.resolve(slot, ordinal, TOUCH.NONE, close, endUs);
  }

  private resolve(slot: number, ordinal: number, touch: number, exit: number, endUs: number): void {
    const at = slot * RECORD;
    const { resolved } = this;
    const { record } = this.columns;
    record[at + P.STAGE] = STAGE.RESOLVED;
    record[at + P.EXIT_BAR] = ordinal;
    record[at + P.EXIT] = exit;
    record[at + P.EXIT_US] = endUs;
    record[at + P.TOUCH] = touch;
    this.columns.disarm(slot, NEVER);
    const number = record[at + P.NUMBER] as number;
    let place = resolved.length;
    while (place > 0 && this.isBehind(resolved[place - 1] as number, ordinal, number)) place--;
    if (place === resolved.length) resolved.push(slot);
    else resolved.splice(place, 0, slot);
  }

  private isBehind(slot: number, ordinal: number, number: number): boolean {
    const exitBar = this.columns.field(slot, P.EXIT_BAR);
    return exitBar > ordinal || (exitBar === ordinal && this.columns.field(slot, P.NUMBER) > number);
  }

  private chainOf(slot: number): number {
    return 2 * this.columns.field(slot, P.PATTERN) + this.columns.field(slot, P.KIND);
  }

  private link(slot: number): void {
    const chain = this.chainOf(slot);
    const decided = this.columns.field(slot, P.DECIDED);
    let before = this.last[chain] as number;
    while (before >= 0 && this.columns.field(before, P.DECIDED) > decided)
      before = this.columns.field(before, P.PREVIOUS);
    const after = before < 0 ? (this.first[chain] as number) : this.columns.field(before, P.NEXT);
    this.join(chain, before, slot);
    this.join(chain, slot, after);
  }

  private join(chain: number, before: number, after: number): void {
    if (before < 0) this.first[chain] = after;
    else this.columns.set(before, P.NEXT, after);
    if (after < 0) this.last[chain] = before;
    else this.columns.set(after, P.PREVIOUS, before);
  }

  private forget(slot: number): void {
    const { columns } = this;
    this.join(this.chainOf(slot), columns.field(slot, P.PREVIOUS), columns.field(slot, P.NEXT));
    columns.giveBack(slot);
  }

  /** Everything as numbers. */
  save(writer: NumberWriter): void {
    const { put } = writer;
    this.columns.save(writer);
    put(this.numbers);
    put(this.longest);
    for (const ends of [this.first, this.last]) for (const slot of ends) put(slot);
    put(this.resolved.length);
    for (const slot of this.resolved) put(slot);
  }

  /** Reads what {@link save} wrote, in place of what is there. */
  load(reader: NumberReader): void {
    const { take } = reader;
    this.columns.load(reader);
    this.numbers = take();
    this.longest = take();
    for (const ends of [this.first, this.last]) for (let i = 0; i < this.chains; i++) ends[i] = take();
    this.resolved = Array.from({ length: take() }, take);
  }
}
