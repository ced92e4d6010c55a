import { Prng, US_PER_SECOND } from '../base/index.ts';
import type { FaultSet } from './fault-spec.ts';
import type { SimulatedTape } from './tape.ts';

/** Longest time of the tape that a block of shuffled rows may span. */
const BLOCK_SPAN_US = US_PER_SECOND;

export interface PlayCounters {
  sent: number;
  dropped: number;
  duplicated: number;
  late: number;
  reordered: number;
}

interface Held {
  readonly dueUs: number;
  readonly row: number;
}

/**
 * The order in which rows leave, with what `drop`, `hole`, `duplicate`, `reorder` and `late` make of it. Every decision
 * is drawn once per row, in the order of the tape, from a generator of its own per fault: the same seed gives the same
 * order however fast it is played and whatever other faults there are.
 */
export class PlayOrder {
  readonly counters: PlayCounters = { sent: 0, dropped: 0, duplicated: 0, late: 0, reordered: 0 };
  /** Told of each row that is held back from the stream for good. */
  onDropped: ((row: number) => void) | undefined;
  private readonly tape: SimulatedTape;
  private readonly faults: FaultSet;
  private readonly chance: (kind: 'drop' | 'duplicate' | 'late' | 'reorder') => Prng;
  private readonly holes: readonly (readonly [number, number])[];
  /** Rows that were taken off the tape and not given out yet: the block in hand, then the late ones. */
  private ready: number[] = [];
  private readonly held: Held[] = [];
  private block: number[] = [];
  private cursor = 0;

  constructor(tape: SimulatedTape, faults: FaultSet, seed: number) {
    this.tape = tape;
    this.faults = faults;
    const kinds = ['drop', 'duplicate', 'late', 'reorder'] as const;
    const generators = new Map(kinds.map((kind, i) => [kind, new Prng(seed * 16 + i + 1)]));
    this.chance = (kind) => generators.get(kind) as Prng;
    this.holes = holesOf(tape, faults, seed);
  }

  /** Rows of the tape that have been read: what the provider knows by now. */
  get played(): number {
    return this.cursor;
  }

  get isDone(): boolean {
    return (
      this.cursor >= this.tape.length && this.ready.length === 0 && this.held.length === 0 && this.block.length === 0
    );
  }

  /** Receive time of the next row, or of the next late one. */
  get nextUs(): number {
    const next =
      this.cursor < this.tape.length ? (this.tape.tsRecvUs[this.cursor] as number) : Number.POSITIVE_INFINITY;
    return this.ready.length > 0 ? Number.NEGATIVE_INFINITY : Math.min(next, this.held[0]?.dueUs ?? next);
  }

  /** The rows that are due at a time of the tape, at most about `most`, in the order of sending. */
  take(untilUs: number, most: number): number[] {
    const out = this.ready;
    this.ready = [];
    while (out.length < most && this.cursor < this.tape.length) {
      const recvUs = this.tape.tsRecvUs[this.cursor] as number;
      if (recvUs > untilUs) break;
      this.releaseHeld(recvUs, out);
      this.read(this.cursor++, recvUs, out);
    }
    if (this.cursor >= this.tape.length) {
      this.closeBlock(out);
      this.releaseHeld(Number.POSITIVE_INFINITY, out);
    } else if ((this.tape.tsRecvUs[this.cursor] as number) > untilUs) this.releaseHeld(untilUs, out);
    if (out.length > most) this.ready = out.splice(most);
    this.counters.sent += out.length;
    return out;
  }

  private read(row: number, recvUs: number, out: number[]): void {
    const { faults } = this;
    if (this.draw('drop') || this.holes.some(([fromUs, toUs]) => recvUs >= fromUs && recvUs < toUs)) {
      this.counters.dropped++;
      this.onDropped?.(row);
      return;
    }
    const late = faults.get('late');
    if (late !== undefined && this.draw('late')) {
      this.counters.late++;
      this.hold({ dueUs: recvUs + late.seconds * US_PER_SECOND, row });
      return;
    }
    const isTwice = this.draw('duplicate');
    if (faults.has('reorder')) this.addToBlock(row, recvUs, isTwice, out);
    else {
      out.push(row);
      if (isTwice) out.push(row);
    }
    if (isTwice) this.counters.duplicated++;
  }

  private draw(kind: 'drop' | 'duplicate' | 'late'): boolean {
    const fault = this.faults.get(kind);
    return fault !== undefined && this.chance(kind).uniform() < fault.share;
  }

  private hold(held: Held): void {
    let at = this.held.length;
    while (at > 0 && (this.held[at - 1] as Held).dueUs > held.dueUs) at--;
    this.held.splice(at, 0, held);
  }

  private releaseHeld(untilUs: number, out: number[]): void {
    while (this.held.length > 0 && (this.held[0] as Held).dueUs <= untilUs) out.push((this.held.shift() as Held).row);
  }

  private addToBlock(row: number, recvUs: number, isTwice: boolean, out: number[]): void {
    const size = Math.max(2, this.faults.get('reorder')?.count ?? 2);
    const first = this.block[0];
    if (first !== undefined) {
      const isOver = this.block.length >= size || recvUs - (this.tape.tsRecvUs[first] as number) > BLOCK_SPAN_US;
      if (isOver) this.closeBlock(out);
    }
    this.block.push(row);
    if (isTwice) this.block.push(row);
  }

  /** Gives the block out, shuffled with the fault's probability. */
  private closeBlock(out: number[]): void {
    const { block } = this;
    if (block.length === 0) return;
    this.block = [];
    const chance = this.chance('reorder');
    if (chance.uniform() < (this.faults.get('reorder')?.share ?? 0)) {
      for (let i = block.length - 1; i > 0; i--) {
        const j = chance.u32() % (i + 1);
        [block[i], block[j]] = [block[j] as number, block[i] as number];
      }
      this.counters.reordered += block.length;
    }
    for (const row of block) out.push(row);
  }
}

/** Stretches of the tape of which nothing is sent, at places that the seed chooses within the middle of the tape. */
function holesOf(tape: SimulatedTape, faults: FaultSet, seed: number): (readonly [number, number])[] {
  const fault = faults.get('hole');
  if (fault === undefined) return [];
  const times = Number.isFinite(fault.times) ? fault.times : 1;
  return strikeRows(tape.length, times, fault.count, seed * 16 + 5).map((row) => {
    const fromUs = tape.tsRecvUs[row] as number;
    return [fromUs, fromUs + fault.seconds * US_PER_SECOND] as const;
  });
}

/** Rows at which a fault strikes: every `every` rows, or one in each of `times` parts of the tape, chosen by the seed. */
export function strikeRows(length: number, times: number, every: number, seed: number): number[] {
  const chance = new Prng(seed);
  const rows: number[] = [];
  for (let i = 0; i < times; i++) {
    const row = every > 0 ? every * (i + 1) : Math.floor(((i + 0.2 + 0.6 * chance.uniform()) / times) * length);
    if (row >= length) break;
    rows.push(row);
  }
  return rows;
}
