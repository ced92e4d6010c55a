import { readIdRuns, writeIdRuns } from './id-runs.ts';

const FIRST_SLOTS = 128;
/** Runs of consecutive ids that a set holds before it becomes a table. */
const MAX_RUNS = 32;
const RUN_WIDTH = 3;
const FREE = new Float64Array(0);
const FREE_EXCHANGES = new Uint16Array(0);

/**
 * A set of (id, exchange) pairs. Most venues count upwards, so it begins as a few runs of consecutive ids, which take no
 * room and no search. Ids that do not come in runs turn it into a table with open addressing and linear probing, at most
 * half full; NaN marks a free slot.
 */
class IdSet {
  size = 0;
  private greatest = Number.NEGATIVE_INFINITY;
  /** Exchange, first id and count of each run. */
  private readonly runList = new Float64Array(MAX_RUNS * RUN_WIDTH);
  private runEnd = 0;
  /** The run that grew last. */
  private current = 0;
  private isTable = false;
  private ids = FREE;
  private exchanges = FREE_EXCHANGES;

  has(id: number, exchange: number): boolean {
    if (id > this.greatest) return false;
    if (this.isTable) return this.ids[this.slotOf(id, exchange)] === id;
    const { runList } = this;
    for (let at = 0; at < this.runEnd; at += RUN_WIDTH) {
      const first = runList[at + 1] as number;
      if (id >= first && id - first < (runList[at + 2] as number) && runList[at] === exchange) return true;
    }
    return false;
  }

  /** Adds a pair that is not in the set. */
  insert(id: number, exchange: number): void {
    this.size++;
    if (id > this.greatest) this.greatest = id;
    if (!this.isTable) {
      if (this.extends(this.current, id, exchange) || this.insertRun(id, exchange)) return;
      this.becomeTable();
    }
    this.put(id, exchange);
  }

  clear(): void {
    this.ids.fill(Number.NaN);
    this.runEnd = 0;
    this.current = 0;
    this.size = 0;
    this.greatest = Number.NEGATIVE_INFINITY;
  }

  /** Everything as text: see {@link writeIdRuns}. */
  text(): string {
    const byExchange = new Map<number, number[]>();
    const add = (exchange: number, id: number): void => {
      const ids = byExchange.get(exchange);
      if (ids === undefined) byExchange.set(exchange, [id]);
      else ids.push(id);
    };
    for (let slot = 0; slot < this.ids.length; slot++) {
      const id = this.ids[slot] as number;
      if (id === id) add(this.exchanges[slot] as number, id);
    }
    const { runList } = this;
    for (let at = 0; at < this.runEnd; at += RUN_WIDTH) {
      for (let n = 0; n < (runList[at + 2] as number); n++) add(runList[at] as number, (runList[at + 1] as number) + n);
    }
    return writeIdRuns(byExchange);
  }

  /** Lengthens a run by the id that follows its last one. */
  private extends(at: number, id: number, exchange: number): boolean {
    const { runList } = this;
    if (at >= this.runEnd || runList[at] !== exchange) return false;
    const count = runList[at + 2] as number;
    if ((runList[at + 1] as number) + count !== id) return false;
    runList[at + 2] = count + 1;
    this.current = at;
    return true;
  }

  private insertRun(id: number, exchange: number): boolean {
    const { runList, runEnd } = this;
    for (let at = 0; at < runEnd; at += RUN_WIDTH) if (this.extends(at, id, exchange)) return true;
    if (runEnd === runList.length) return false;
    runList[runEnd] = exchange;
    runList[runEnd + 1] = id;
    runList[runEnd + 2] = 1;
    this.runEnd = runEnd + RUN_WIDTH;
    this.current = runEnd;
    return true;
  }

  private becomeTable(): void {
    this.isTable = true;
    let slots = FIRST_SLOTS;
    while (slots < 2 * this.size) slots *= 2;
    this.resize(slots);
    for (let at = 0; at < this.runEnd; at += RUN_WIDTH) {
      const [exchange, first, count] = this.runList.subarray(at, at + RUN_WIDTH) as unknown as [number, number, number];
      for (let n = 0; n < count; n++) this.put(first + n, exchange);
    }
    this.runEnd = 0;
  }

  private put(id: number, exchange: number): void {
    if (2 * this.size > this.ids.length) this.grow();
    const slot = this.slotOf(id, exchange);
    this.ids[slot] = id;
    this.exchanges[slot] = exchange;
  }

  private resize(slots: number): void {
    this.ids = new Float64Array(slots).fill(Number.NaN);
    this.exchanges = new Uint16Array(slots);
  }

  private grow(): void {
    const { ids, exchanges } = this;
    this.resize(2 * ids.length);
    for (let from = 0; from < ids.length; from++) {
      const id = ids[from] as number;
      if (id !== id) continue;
      const slot = this.slotOf(id, exchanges[from] as number);
      this.ids[slot] = id;
      this.exchanges[slot] = exchanges[from] as number;
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
 * its original. Memory is a kilobyte or two where ids count up, and up to 40 bytes per id where they do not.
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

  /** Everything as plain values: the ids of the older and of the newer half, then the text ids. */
  snapshot(): TradeIdSnapshot {
    return {
      evicted: this.evicted,
      older: this.older.text(),
      newer: this.newer.text(),
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

/** State of a {@link TradeIdWindow} as plain values; integer ids as {@link writeIdRuns} has them. */
export interface TradeIdSnapshot {
  readonly evicted: number;
  readonly older: string;
  readonly newer: string;
  readonly olderTexts: readonly string[];
  readonly newerTexts: readonly string[];
}

function idSetOf(text: string): IdSet {
  const set = new IdSet();
  readIdRuns(text, (exchange, first, count) => {
    for (let n = 0; n < count; n++) set.insert(first + n, exchange);
  });
  return set;
}
