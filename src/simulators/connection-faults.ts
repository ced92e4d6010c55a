import { Prng } from '../base/index.ts';
import type { FaultKind, FaultSet } from './fault-spec.ts';
import { strikeRows } from './play-order.ts';

/** Faults that strike a whole connection. */
const STRIKES = ['mute', 'half-open', 'stall', 'disconnect'] as const;
export type Strike = (typeof STRIKES)[number];

/** What a connection tells about itself so that it can be decided whether a fault strikes it. */
export interface StrikeView {
  /** Events sent on this connection. */
  readonly events: number;
  /** Milliseconds since its first event; 0 before. */
  readonly activeMs: number;
  /** Position of the tape. */
  readonly played: number;
}

/**
 * When `mute`, `half-open`, `stall` and `disconnect` strike. By events or seconds of a connection where the argument says
 * so; otherwise once per `times` at rows of the tape that the seed chooses, for the connections open then.
 */
export class StrikePlan {
  private readonly faults: FaultSet;
  private readonly left = new Map<Strike, number>();
  private readonly rows = new Map<Strike, number[]>();

  constructor(faults: FaultSet, tapeLength: number, seed: number) {
    this.faults = faults;
    STRIKES.forEach((kind, i) => {
      const fault = faults.get(kind);
      if (fault === undefined) return;
      this.left.set(kind, fault.times);
      const usesSeconds = kind === 'disconnect' || (kind !== 'stall' && fault.seconds > 0);
      if (fault.count > 0 || usesSeconds) return;
      const times = Number.isFinite(fault.times) ? fault.times : 1;
      this.rows.set(kind, strikeRows(tapeLength, times, 0, seed * 16 + 8 + i));
    });
  }

  /** The faults that strike a connection now; each is counted as having struck. */
  strikes(view: StrikeView): Strike[] {
    return STRIKES.filter((kind) => this.isDue(kind, view));
  }

  /** Whether a row-bound fault is due for all connections that are open: told once per row it is bound to. */
  globalStrikes(played: number): Strike[] {
    const found: Strike[] = [];
    for (const [kind, rows] of this.rows) {
      if (rows.length === 0 || played < (rows[0] as number)) continue;
      rows.shift();
      found.push(kind);
    }
    return found;
  }

  private isDue(kind: Strike, view: StrikeView): boolean {
    const fault = this.faults.get(kind);
    const left = this.left.get(kind) ?? 0;
    if (fault === undefined || left <= 0 || this.rows.has(kind)) return false;
    const isDue =
      fault.count > 0 ? view.events >= fault.count : view.activeMs > 0 && view.activeMs >= fault.seconds * 1_000;
    if (isDue) this.left.set(kind, left - 1);
    return isDue;
  }
}

/** What becomes of single frames: damaged, or followed by one of an unknown shape. Drawn per data frame, in order. */
export class FrameFaults {
  private readonly faults: FaultSet;
  private readonly corruption: Prng;
  private readonly shapes: Prng;
  private readonly struck = new Map<FaultKind, number>();

  constructor(faults: FaultSet, seed: number) {
    this.faults = faults;
    this.corruption = new Prng(seed * 16 + 13);
    this.shapes = new Prng(seed * 16 + 14);
  }

  /** The frame as it goes over the wire, or `undefined` when it is sound. */
  damaged(frame: string | Uint8Array): string | Uint8Array | undefined {
    if (!this.isStruck('corrupt', this.corruption)) return undefined;
    const at = 1 + (this.corruption.u32() % Math.max(1, frame.length - 1));
    if (typeof frame !== 'string') return frame.subarray(0, Math.min(at, frame.length - 1));
    // A control character is illegal everywhere in JSON, and so is an end before the last bracket.
    return this.corruption.u32() % 2 === 0 ? frame.slice(0, at) : `${frame.slice(0, at)}\u0000${frame.slice(at)}`;
  }

  /** A frame that no documentation knows, to be sent after the one in hand; `undefined` for most. */
  unknownShape(shapes: readonly unknown[]): unknown {
    if (!this.isStruck('unknown-shape', this.shapes)) return undefined;
    return shapes[this.shapes.u32() % shapes.length];
  }

  private isStruck(kind: 'corrupt' | 'unknown-shape', chance: Prng): boolean {
    const fault = this.faults.get(kind);
    if (fault === undefined || chance.uniform() >= fault.share) return false;
    const struck = this.struck.get(kind) ?? 0;
    if (struck >= fault.times) return false;
    this.struck.set(kind, struck + 1);
    return true;
  }
}
