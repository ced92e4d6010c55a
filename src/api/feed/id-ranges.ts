/** A set of event ids as few half-open ranges (from, to]. */
export class IdRanges {
  private ranges: { from: number; to: number }[] = [];

  has(id: number): boolean {
    for (const range of this.ranges) if (id > range.from && id <= range.to) return true;
    return false;
  }

  /** Adds the ids of (from, to]; an empty range adds nothing. */
  add(from: number, to: number): void {
    if (to <= from) return;
    const merged = { from, to };
    const apart = this.ranges.filter((range) => {
      if (range.to < merged.from || range.from > merged.to) return true;
      merged.from = Math.min(merged.from, range.from);
      merged.to = Math.max(merged.to, range.to);
      return false;
    });
    apart.push(merged);
    this.ranges = apart;
  }
}
