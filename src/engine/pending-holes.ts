/** A stretch of ids that was skipped, before it is known whether they only come late. */
export interface PendingHole {
  readonly source: number;
  readonly fromId: number;
  readonly toId: number;
  /** Half-open in event time: behind the trade before it, up to the one after. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Engine time at which it counts as a hole. */
  readonly dueUs: number;
  recovered: number;
}

/** Holes of one symbol that are waited for; beyond it the oldest counts as one at once. */
const MAX_PER_SYMBOL = 1_024;

/** Ids that were skipped a moment ago: a feed that sends out of order has not lost anything. */
export class PendingHoles {
  private readonly bySymbol = new Map<number, PendingHole[]>();

  /** @returns the oldest one where the bound is reached: it is waited for no longer. */
  add(symbol: number, hole: PendingHole): PendingHole | undefined {
    const list = this.bySymbol.get(symbol) ?? [];
    this.bySymbol.set(symbol, list);
    list.push(hole);
    return list.length > MAX_PER_SYMBOL ? list.shift() : undefined;
  }

  /** Counts a trade that came after all; with the last one of a hole there was none. */
  recover(symbol: number, source: number, id: number): void {
    const list = this.bySymbol.get(symbol);
    if (list === undefined) return;
    const at = list.findIndex((hole) => hole.source === source && id >= hole.fromId && id <= hole.toId);
    const hole = list[at];
    if (hole === undefined) return;
    hole.recovered++;
    if (hole.recovered > hole.toId - hole.fromId) list.splice(at, 1);
    if (list.length === 0) this.bySymbol.delete(symbol);
  }

  /** Takes out the holes of a symbol that `isWanted`, oldest first. */
  take(symbol: number, isWanted: (hole: PendingHole) => boolean): readonly PendingHole[] {
    const list = this.bySymbol.get(symbol);
    if (list === undefined) return [];
    const taken = list.filter(isWanted);
    if (taken.length === 0) return taken;
    const left = list.filter((hole) => !taken.includes(hole));
    if (left.length === 0) this.bySymbol.delete(symbol);
    else this.bySymbol.set(symbol, left);
    return taken;
  }

  of(symbol: number): readonly PendingHole[] {
    return this.bySymbol.get(symbol) ?? [];
  }

  symbols(): readonly number[] {
    return [...this.bySymbol.keys()].sort((a, b) => a - b);
  }

  snapshot(): unknown {
    return this.symbols().map((symbol) => [symbol, this.of(symbol).map((hole) => ({ ...hole }))]);
  }

  restore(state: unknown): void {
    this.bySymbol.clear();
    for (const [symbol, holes] of (state ?? []) as [number, PendingHole[]][]) this.bySymbol.set(symbol, [...holes]);
  }
}
