const WORDS = 64;

/**
 * Rolling 128-bit digest of a sequence of numbers and strings: four 32-bit lanes, each a multiply-rotate-multiply
 * round (the scheme of MurmurHash3_x86_128 by Austin Appleby, public domain), so that one event costs a few
 * nanoseconds and no allocation. It shows that two runs produced the same outputs in the same order. It is no
 * cryptographic signature and does not resist forgery.
 */
export class Digest {
  private a = 0x9e3779b9 | 0;
  private b = 0x243f6a88 | 0;
  private c = 0xb7e15162 | 0;
  private d = 0x71374491 | 0;
  private count = 0;
  /** Words not mixed in yet, as doubles and as their halves: mixing many at once keeps the lanes in registers. */
  private readonly waiting = new Float64Array(WORDS);
  private readonly halves = new Int32Array(this.waiting.buffer);
  private length = 0;

  /** Adds one double by its bits; -0 counts as 0 and every NaN as the same NaN. */
  number(value: number): void {
    if (this.length === WORDS) this.mix();
    // A canonical NaN goes in by its halves: engines may keep other bits when a NaN passes through a register.
    if (value === value) this.waiting[this.length++] = value + 0;
    else this.word(0, 0x7ff80000);
  }

  /** Adds the doubles of a stretch of a column, each as {@link number} does. */
  numbers(values: Float64Array, from: number, count: number): void {
    for (let i = from; i < from + count; i++) this.number(values[i] as number);
  }

  integer(value: number): void {
    this.word(value | 0, (value / 4_294_967_296) | 0);
  }

  text(value: string): void {
    this.word(value.length, 0x7e57);
    for (let i = 0; i < value.length; i += 2) {
      this.word(value.charCodeAt(i), i + 1 < value.length ? value.charCodeAt(i + 1) : 0);
    }
  }

  private word(low: number, high: number): void {
    if (this.length === WORDS) this.mix();
    const at = this.length++ * 2;
    this.halves[at] = low;
    this.halves[at + 1] = high;
  }

  private mix(): void {
    const { halves, length } = this;
    let { a, b, c, d } = this;
    for (let i = 0; i < length; i++) {
      let k = Math.imul(halves[2 * i] as number, 0x239b961b);
      k = Math.imul((k << 15) | (k >>> 17), 0xab0e9789 | 0);
      let h = a ^ k;
      h = (((h << 19) | (h >>> 13)) + b) | 0;
      a = (Math.imul(h, 5) + 0x561ccd1b) | 0;
      k = Math.imul(halves[2 * i + 1] as number, 0xab0e9789 | 0);
      k = Math.imul((k << 16) | (k >>> 16), 0x38b34ae5);
      h = b ^ k;
      h = (((h << 17) | (h >>> 15)) + c) | 0;
      b = (Math.imul(h, 5) + 0x0bcaa747) | 0;
      h = c ^ a;
      h = (((h << 15) | (h >>> 17)) + d) | 0;
      c = (Math.imul(h, 5) + (0x96cd1c35 | 0)) | 0;
      h = d ^ b;
      h = (((h << 13) | (h >>> 19)) + a) | 0;
      d = (Math.imul(h, 5) + 0x32ac3b17) | 0;
    }
    this.a = a;
    this.b = b;
    this.c = c;
    this.d = d;
    this.count += length;
    this.length = 0;
  }

  /** Back to the empty digest, so that one object can hash many small things. */
  reset(): void {
    this.a = 0x9e3779b9 | 0;
    this.b = 0x243f6a88 | 0;
    this.c = 0xb7e15162 | 0;
    this.d = 0x71374491 | 0;
    this.count = 0;
    this.length = 0;
  }

  /** The digest so far as 32 hexadecimal digits; reading it does not disturb it. */
  hex(): string {
    const lanes = new Uint32Array(4);
    this.lanes(lanes, 0);
    return Array.from(lanes, (lane) => lane.toString(16).padStart(8, '0')).join('');
  }

  /** Writes the digest so far as four 32-bit lanes to `out[at .. at + 4)`. */
  lanes(out: Uint32Array, at: number): void {
    this.mix();
    let a = this.a ^ this.count;
    let b = this.b ^ this.count;
    let c = this.c ^ this.count;
    let d = this.d ^ this.count;
    a = (a + b + c + d) | 0;
    b = finish((b + a) | 0);
    c = finish((c + a) | 0);
    d = finish((d + a) | 0);
    a = finish(a);
    a = (a + b + c + d) | 0;
    b = (b + a) | 0;
    c = (c + a) | 0;
    d = (d + a) | 0;
    out[at] = a;
    out[at + 1] = b;
    out[at + 2] = c;
    out[at + 3] = d;
  }

  snapshot(): readonly number[] {
    this.mix();
    return [this.a, this.b, this.c, this.d, this.count];
  }

  static restore(lanes: readonly number[]): Digest {
    const digest = new Digest();
    [digest.a, digest.b, digest.c, digest.d, digest.count] = lanes as [number, number, number, number, number];
    return digest;
  }
}

function finish(h: number): number {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}
