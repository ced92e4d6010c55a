const decoder = new TextDecoder();

/** Texts to ids straight from bytes: a text is decoded once, when it is first seen. */
export class ByteInterner {
  private readonly intern: (text: string) => number;
  private hashes = new Int32Array(256);
  private slots = new Int32Array(256).fill(-1);
  private readonly keys: Uint8Array[] = [];
  private readonly ids: number[] = [];

  constructor(intern: (text: string) => number) {
    this.intern = intern;
  }

  /** The id of the text in bytes [start, end). */
  idOf(bytes: Uint8Array, start: number, end: number): number {
    let hash = end - start;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
    const mask = this.slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const entry = this.slots[slot] as number;
      if (entry < 0) return this.add(bytes, start, end, hash, slot);
      if (this.hashes[slot] === hash && isSame(this.keys[entry] as Uint8Array, bytes, start, end)) {
        return this.ids[entry] as number;
      }
      slot = (slot + 1) & mask;
    }
  }

  private add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const key = bytes.slice(start, end);
    const id = this.intern(decoder.decode(key));
    this.hashes[slot] = hash;
    this.slots[slot] = this.keys.length;
    this.keys.push(key);
    this.ids.push(id);
    if (this.keys.length * 2 > this.slots.length) this.grow();
    return id;
  }

  private grow(): void {
    const oldHashes = this.hashes;
    const oldSlots = this.slots;
    this.hashes = new Int32Array(oldSlots.length * 2);
    this.slots = new Int32Array(oldSlots.length * 2).fill(-1);
    const mask = this.slots.length - 1;
    for (let i = 0; i < oldSlots.length; i++) {
      const entry = oldSlots[i] as number;
      if (entry < 0) continue;
      const hash = oldHashes[i] as number;
      let slot = (hash ^ (hash >>> 15)) & mask;
      while ((this.slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      this.slots[slot] = entry;
      this.hashes[slot] = hash;
    }
  }
}

function isSame(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (key.length !== end - start) return false;
  for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false;
  return true;
}
