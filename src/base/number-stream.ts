/** Doubles of a piece of a {@link NumberWriter}: half a megabyte. */
const PIECE = 65_536;

/**
 * Doubles one after another in memory that grows by pieces and is never moved: what an engine stands still for while its
 * state is copied is then little more than the copying.
 */
export class NumberWriter {
  private readonly full: Uint8Array[] = [];
  private piece = new Float64Array(PIECE);
  private length = 0;

  readonly put = (value: number): void => {
    if (this.length === PIECE) this.turn();
    this.piece[this.length++] = value;
  };

  /** Appends elements [from, to) of a column; those of a `Float64Array` bit for bit. */
  putRange(column: Float64Array | Uint32Array | Uint16Array, from: number, to: number): void {
    for (let at = from; at < to; ) {
      if (this.length === PIECE) this.turn();
      const end = Math.min(to, at + PIECE - this.length);
      this.piece.set(column.subarray(at, end), this.length);
      this.length += end - at;
      at = end;
    }
  }

  private turn(): void {
    this.full.push(new Uint8Array(this.piece.buffer));
    this.piece = new Float64Array(PIECE);
    this.length = 0;
  }

  /** Everything written, in pieces that belong to the caller. The writer is not to be used any more. */
  parts(): readonly Uint8Array[] {
    return [...this.full, new Uint8Array(this.piece.buffer, 0, 8 * this.length)];
  }
}

/** Reads what a {@link NumberWriter} wrote. */
export class NumberReader {
  private readonly numbers: Float64Array;
  private readonly onShort: () => Error;
  private at = 0;

  /** @param onShort makes the error that is thrown where numbers are missing */
  constructor(bytes: Uint8Array, onShort: () => Error) {
    this.numbers = new Float64Array(bytes.slice().buffer, 0, Math.floor(bytes.length / 8));
    this.onShort = onShort;
  }

  /** Whether every number was taken. */
  get isAtEnd(): boolean {
    return this.at === this.numbers.length;
  }

  readonly take = (): number => {
    if (this.at === this.numbers.length) throw this.onShort();
    return this.numbers[this.at++] as number;
  };

  /** Fills elements [from, to) of a column. */
  takeRange(column: Float64Array | Uint32Array | Uint16Array, from: number, to: number): void {
    if (this.at + to - from > this.numbers.length) throw this.onShort();
    column.set(this.numbers.subarray(this.at, this.at + to - from), from);
    this.at += to - from;
  }
}

/** One block of bytes out of several. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Bytes of all parts together. */
export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
