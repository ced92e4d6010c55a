/** What happened when a frame was put into a backlog. */
export type BacklogResult = 'kept' | 'full';

interface Waiting {
  readonly frame: Buffer;
  readonly isConflatable: boolean;
}

/**
 * Frames that a slow client has not been given yet, in the order of their ids. Bound in bytes. Policy: a conflatable
 * frame replaces the older one with its key; at the bound the oldest conflatable frames go; when what may not be lost
 * alone is beyond the bound, the backlog is `full` and its client is cut.
 */
export class Backlog {
  conflated = 0;
  dropped = 0;
  private readonly waiting = new Map<string | number, Waiting>();
  private readonly maxBytes: number;
  private heldBytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.heldBytes;
  }

  get isEmpty(): boolean {
    return this.waiting.size === 0;
  }

  /** @param key the conflation key, or the number of a frame that may not be lost. */
  add(key: string | number, frame: Buffer): BacklogResult {
    const isConflatable = typeof key === 'string';
    const older = this.waiting.get(key);
    if (older !== undefined) {
      this.remove(key, older);
      this.conflated += 1;
    }
    this.waiting.set(key, { frame, isConflatable });
    this.heldBytes += frame.length;
    if (this.heldBytes <= this.maxBytes) return 'kept';
    for (const [otherKey, other] of this.waiting) {
      if (!other.isConflatable) continue;
      this.remove(otherKey, other);
      this.dropped += 1;
      if (this.heldBytes <= this.maxBytes) return 'kept';
    }
    return 'full';
  }

  /** Takes out the oldest frames, at most about `maxBytes` of them, as one buffer. */
  take(maxBytes: number): Buffer {
    const frames: Buffer[] = [];
    let bytes = 0;
    for (const [key, waiting] of this.waiting) {
      if (bytes > 0 && bytes + waiting.frame.length > maxBytes) break;
      frames.push(waiting.frame);
      bytes += waiting.frame.length;
      this.remove(key, waiting);
    }
    return Buffer.concat(frames, bytes);
  }

  clear(): void {
    this.waiting.clear();
    this.heldBytes = 0;
  }

  private remove(key: string | number, waiting: Waiting): void {
    this.waiting.delete(key);
    this.heldBytes -= waiting.frame.length;
  }
}
