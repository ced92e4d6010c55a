/** A stretch of ids that are missing between two that came. */
export interface IdHole {
  /** Both inclusive. */
  readonly fromId: number;
  readonly toId: number;
  /** Event times of the trades before and after it. */
  readonly fromUs: number;
  readonly toUs: number;
}

interface Range {
  firstId: number;
  lastId: number;
  firstUs: number;
  lastUs: number;
}

/** Stretches that are kept; when there are more, the oldest hole is given up as never to be filled (counted by the caller). */
const MAX_RANGES = 4_096;

/** The ids of one symbol that came, as stretches without a hole, for a source that counts them up by one. */
export class IdRanges {
  /** Ascending, apart from each other. */
  private readonly ranges: Range[] = [];

  get lastId(): number | undefined {
    return this.ranges.at(-1)?.lastId;
  }

  /** The hole that a trade would leave behind it if it came now, `undefined` where it would leave none. */
  holeBefore(id: number, tsUs: number): IdHole | undefined {
    const last = this.ranges.at(-1);
    if (last === undefined || id <= last.lastId + 1) return undefined;
    return { fromId: last.lastId + 1, toId: id - 1, fromUs: last.lastUs, toUs: tsUs };
  }

  /** Whether there is a hole at all: cheap. */
  get hasHole(): boolean {
    return this.ranges.length > 1;
  }

  has(id: number): boolean {
    const range = this.ranges[this.placeOf(id)];
    return range !== undefined && id >= range.firstId && id <= range.lastId;
  }

  /** Adds an id; false when it was there already. Ids before the very first are taken too. */
  add(id: number, tsUs: number): boolean {
    const last = this.ranges.at(-1);
    if (last !== undefined && id === last.lastId + 1) {
      last.lastId = id;
      last.lastUs = tsUs;
      return true;
    }
    const at = this.placeOf(id);
    const range = this.ranges[at];
    if (range !== undefined && id >= range.firstId && id <= range.lastId) return false;
    const next = this.ranges[at + 1];
    if (range !== undefined && id === range.lastId + 1) {
      range.lastId = id;
      range.lastUs = tsUs;
      if (next !== undefined && next.firstId === id + 1) this.join(at);
    } else if (next !== undefined && id === next.firstId - 1) {
      next.firstId = id;
      next.firstUs = tsUs;
    } else {
      this.ranges.splice(at + 1, 0, { firstId: id, lastId: id, firstUs: tsUs, lastUs: tsUs });
      if (this.ranges.length > MAX_RANGES) this.join(0);
    }
    return true;
  }

  /** Index of the last stretch that begins at or before an id, -1 when there is none. */
  private placeOf(id: number): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ranges[middle] as Range).firstId <= id) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private join(at: number): void {
    const range = this.ranges[at] as Range;
    const next = this.ranges[at + 1] as Range;
    range.lastId = next.lastId;
    range.lastUs = next.lastUs;
    this.ranges.splice(at + 1, 1);
  }

  holes(): readonly IdHole[] {
    return this.ranges.slice(1).map((after, i) => {
      const before = this.ranges[i] as Range;
      return { fromId: before.lastId + 1, toId: after.firstId - 1, fromUs: before.lastUs, toUs: after.firstUs };
    });
  }

  /** Ids of a hole that have not come since. */
  missingIn({ fromId, toId }: IdHole): number {
    let missing = toId - fromId + 1;
    for (const { firstId, lastId } of this.ranges) {
      missing -= Math.max(0, Math.min(lastId, toId) - Math.max(firstId, fromId) + 1);
    }
    return missing;
  }

  /** What is still missing of a hole will never come: it counts as done. */
  forget({ fromId, toId }: IdHole): void {
    for (let at = this.ranges.length - 2; at >= 0; at--) {
      const before = this.ranges[at] as Range;
      const after = this.ranges[at + 1] as Range;
      if (before.lastId + 1 >= fromId && after.firstId - 1 <= toId) this.join(at);
    }
  }
}
