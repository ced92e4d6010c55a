const FIRST_CAPACITY = 256;

/**
 * The last `capacity` trade ids of one symbol and source, to recognise what a provider sends twice. Numeric ids live
 * in a ring (order of arrival) with an open-addressing index over it; ids that are text live in an insertion-ordered
 * map of the same bound. At the bound the oldest id is forgotten (policy `drop-oldest`, counted in `evicted`): a repeat
 * that comes later than `capacity` trades after the original is no longer recognised.
 */
export class TradeIdWindow {
  readonly capacity: number;
  evicted = 0;
  private ids = new Float64Array(0);
  private exchanges = new Uint16Array(0);
  /** Ring position + 1, 0 for a free slot. Twice as long as the ring, so at most half full. */
  private slots = new Int32Array(0);
  private next = 0;
  private size = 0;
  private readonly texts = new Set<string>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** Remembers an id; false when it is already there. `exchange` tells apart venues that number independently. */
  add(id: number, exchange: number): boolean {
    if (this.size > 0 && this.slotOf(id, exchange) >= 0) return false;
    if (this.size === this.ids.length && this.ids.length < this.capacity) this.grow();
    if (this.size === this.ids.length) this.evictOldest();
    const position = this.next;
    this.ids[position] = id;
    this.exchanges[position] = exchange;
    this.index(position);
    this.next = position + 1 === this.ids.length ? 0 : position + 1;
    this.size++;
    return true;
  }

  /** As {@link add} for ids that are no integers. */
  addText(id: string, exchange: number): boolean {
    const key = `${exchange} ${id}`;
    if (this.texts.has(key)) return false;
    if (this.texts.size >= this.capacity) {
      for (const oldest of this.texts) {
        this.texts.delete(oldest);
        this.evicted++;
        break;
      }
    }
    this.texts.add(key);
    return true;
  }

  /** Numeric ids and their exchanges, oldest first, for a snapshot. */
  numbers(): number[] {
    const out: number[] = [];
    const length = this.ids.length;
    for (let i = 0; i < this.size; i++) {
      const position = (this.next - this.size + i + length) % length;
      out.push(this.ids[position] as number, this.exchanges[position] as number);
    }
    return out;
  }

  /** Text ids with their exchanges, oldest first, for a snapshot. */
  textKeys(): string[] {
    return [...this.texts];
  }

  /** Restores what {@link textKeys} gave. */
  restoreTextKeys(keys: readonly string[]): void {
    for (const key of keys) this.texts.add(key);
  }

  private grow(): void {
    const pairs = this.numbers();
    const length = Math.min(this.capacity, Math.max(FIRST_CAPACITY, this.ids.length * 2));
    this.ids = new Float64Array(length);
    this.exchanges = new Uint16Array(length);
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * length)));
    this.size = pairs.length / 2;
    this.next = this.size;
    for (let i = 0; i < this.size; i++) {
      this.ids[i] = pairs[2 * i] as number;
      this.exchanges[i] = pairs[2 * i + 1] as number;
      this.index(i);
    }
  }

  private evictOldest(): void {
    // The ring is full, so the oldest entry sits where the next one goes.
    this.unindex(this.slotOf(this.ids[this.next] as number, this.exchanges[this.next] as number));
    this.size--;
    this.evicted++;
  }

  private homeOf(id: number, exchange: number): number {
    const high = Math.floor(id / 4_294_967_296);
    let h = (id | 0) ^ Math.imul(high, 0x85ebca6b) ^ Math.imul(exchange, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
    return (h ^ (h >>> 16)) & (this.slots.length - 1);
  }

  private slotOf(id: number, exchange: number): number {
    const mask = this.slots.length - 1;
    for (let slot = this.homeOf(id, exchange); ; slot = (slot + 1) & mask) {
      const position = (this.slots[slot] as number) - 1;
      if (position < 0) return -1;
      if (this.ids[position] === id && this.exchanges[position] === exchange) return slot;
    }
  }

  private index(position: number): void {
    const mask = this.slots.length - 1;
    let slot = this.homeOf(this.ids[position] as number, this.exchanges[position] as number);
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = position + 1;
  }

  /** Frees a slot and moves later members of its probe chain up, so that no tombstones gather. */
  private unindex(freed: number): void {
    const mask = this.slots.length - 1;
    let hole = freed;
    for (let slot = (freed + 1) & mask; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const position = (this.slots[slot] as number) - 1;
      const home = this.homeOf(this.ids[position] as number, this.exchanges[position] as number);
      const isReachable = ((slot - home) & mask) < ((slot - hole) & mask);
      if (isReachable) continue;
      this.slots[hole] = this.slots[slot] as number;
      hole = slot;
    }
    this.slots[hole] = 0;
  }
}
