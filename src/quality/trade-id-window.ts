const FIRST_SLOTS = 128;

/** A set of (id, exchange) pairs: open addressing with linear probing, at most half full; NaN marks a free slot. */
class IdSet {
  size = 0;
  private greatest = Number.NEGATIVE_INFINITY;
  private ids = new Float64Array(FIRST_SLOTS).fill(Number.NaN);
  private exchanges = new Uint16Array(FIRST_SLOTS);

  has(id: number, exchange: number): boolean {
    // Most venues count upwards, so most look-ups end here.
    if (id > this.greatest) return false;
    return this.ids[this.slotOf(id, exchange)] === id;
  }

  /** Adds a pair that is not in the set. */
  insert(id: number, exchange: number): void {
    if (2 * (this.size + 1) > this.ids.length) this.grow();
    const slot = this.slotOf(id, exchange);
    this.ids[slot] = id;
    this.exchanges[slot] = exchange;
    this.size++;
    if (id > this.greatest) this.greatest = id;
  }

  clear(): void {
    this.ids.fill(Number.NaN);
    this.size = 0;
    this.greatest = Number.NEGATIVE_INFINITY;
  }

  /**
   * Everything as runs of consecutive ids, by exchange and id: exchange, first id, count, and so on. Most venues count
   * upwards, so that thousands of ids are a few numbers.
   */
  runs(): number[] {
    const runs: [exchange: number, id: number, count: number][] = [];
    for (let slot = 0; slot < this.ids.length; slot++) {
      const id = this.ids[slot] as number;
      const exchange = this.exchanges[slot] as number;
      if (id !== id || this.has(id - 1, exchange)) continue;
      let count = 1;
      while (this.has(id + count, exchange)) count++;
      runs.push([exchange, id, count]);
    }
    return runs.sort((a, b) => a[0] - b[0] || a[1] - b[1]).flat();
  }

  private grow(): void {
    const { ids, exchanges } = this;
    this.ids = new Float64Array(2 * ids.length).fill(Number.NaN);
    this.exchanges = new Uint16Array(2 * ids.length);
    this.size = 0;
    for (let slot = 0; slot < ids.length; slot++) {
      const id = ids[slot] as number;
      if (id === id) this.insert(id, exchanges[slot] as number);
    }
  }

  /** The slot that holds a pair, or the free one where it would go. */
  private slotOf(id: number, exchange: number): number {
    const mask = this.ids.length - 1;
    const high = Math.floor(id / 4_294_967_296);
    let h = (id | 0) ^ Math.imul(high, 0x85ebca6b) ^ Math.imul(exchange, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
    let slot = (h ^ (h >>> 16)) & mask;
    for (;;) {
      const found = this.ids[slot] as number;
      if (found !== found || (found === id && this.exchanges[slot] === exchange)) return slot;
      slot = (slot + 1) & mask;
    }
  }
}

/**
 * The newest trade ids of one symbol and source, to recognise what a provider sends twice. At most `capacity` ids are
 * kept, in two halves: when the newer half is full, the older one is forgotten as a whole (policy `drop-oldest`,
 * counted in `evicted`) and they change places, so that a repeat is recognised for at least `capacity / 2` trades after
 * its original. Memory grows with what arrives, up to 40 bytes per id.
 */
export class TradeIdWindow {
  readonly capacity: number;
  evicted = 0;
  private readonly half: number;
  private newer = new IdSet();
  private older = new IdSet();
  private newerTexts = new Set<string>();
  private olderTexts = new Set<string>();

  constructor(capacity: number) {
    this.capacity = capacity;
    this.half = Math.max(1, Math.floor(capacity / 2));
  }

  /** Remembers an integer id; false when it is already there. `exchange` tells apart venues that number on their own. */
  add(id: number, exchange: number): boolean {
    if (this.newer.has(id, exchange) || this.older.has(id, exchange)) return false;
    if (this.newer.size >= this.half) this.rotate();
    this.newer.insert(id, exchange);
    return true;
  }

  /** As {@link add} for ids that are no integers. They have halves of their own, under the same bound. */
  addText(id: string, exchange: number): boolean {
    const key = `${exchange} ${id}`;
    if (this.newerTexts.has(key) || this.olderTexts.has(key)) return false;
    if (this.newerTexts.size >= this.half) this.rotateTexts();
    this.newerTexts.add(key);
    return true;
  }

  /** Everything as plain values: the ids of the older and of the newer half as runs, then the text ids. */
  snapshot(): TradeIdSnapshot {
    return {
      evicted: this.evicted,
      older: this.older.runs(),
      newer: this.newer.runs(),
      olderTexts: [...this.olderTexts],
      newerTexts: [...this.newerTexts],
    };
  }

  static restore(capacity: number, snapshot: TradeIdSnapshot): TradeIdWindow {
    const window = new TradeIdWindow(capacity);
    window.evicted = snapshot.evicted;
    window.older = idSetOf(snapshot.older);
    window.newer = idSetOf(snapshot.newer);
    window.olderTexts = new Set(snapshot.olderTexts);
    window.newerTexts = new Set(snapshot.newerTexts);
    return window;
  }

  private rotate(): void {
    this.evicted += this.older.size;
    const emptied = this.older;
    emptied.clear();
    this.older = this.newer;
    this.newer = emptied;
  }

  private rotateTexts(): void {
    this.evicted += this.olderTexts.size;
    this.olderTexts = this.newerTexts;
    this.newerTexts = new Set();
  }
}

/** State of a {@link TradeIdWindow} as plain values; ids are runs of (exchange, first id, count). */
export interface TradeIdSnapshot {
  readonly evicted: number;
  readonly older: readonly number[];
  readonly newer: readonly number[];
  readonly olderTexts: readonly string[];
  readonly newerTexts: readonly string[];
}

function idSetOf(runs: readonly number[]): IdSet {
  const set = new IdSet();
  for (let i = 0; i < runs.length; i += 3) {
    const [exchange, id, count] = runs.slice(i, i + 3) as [number, number, number];
    for (let n = 0; n < count; n++) set.insert(id + n, exchange);
  }
  return set;
}
