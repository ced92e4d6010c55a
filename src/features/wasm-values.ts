import { invariant } from '../base/index.ts';
import type { GraphNode } from '../indicators/index.ts';
import { COUNT_SLOT, type GraphLayout } from './graph-layout.ts';
import { I32, NOTHING, OP, SIMD, unsigned, V128, type WasmCode } from './wasm-code.ts';

/** Function indices that the body of a graph calls. */
export interface BodyCalls {
  readonly log: number;
  readonly mean: number;
  readonly squares: number;
  readonly deviation: number;
  readonly highest: number;
  readonly lowest: number;
}

/** Locals with the addresses that the body works on: one block per lane, and the staged bar of the first lane. */
export interface BodyAddresses {
  readonly blocks: readonly number[];
  readonly frame: number;
}

/** i32.trunc_sat_f64_u */
const TO_COUNT = [0xfc, 3];

/** What the writers of a body share: the values of nodes in locals, and moves between lanes and memory. */
export class WasmValues {
  readonly code: WasmCode;
  readonly layout: GraphLayout;
  readonly calls: BodyCalls;
  readonly blocks: readonly number[];
  readonly frame: number;
  /** Bars so far, this one included, as a vector. */
  readonly n: number;
  private readonly counts: readonly number[];
  private readonly localOf = new Map<number, number>();
  /** By divisor, per lane: bars so far modulo the divisor. */
  private readonly remainders = new Map<number, readonly number[]>();

  constructor(code: WasmCode, layout: GraphLayout, calls: BodyCalls, addresses: BodyAddresses) {
    this.code = code;
    this.layout = layout;
    this.calls = calls;
    this.blocks = addresses.blocks;
    this.frame = addresses.frame;
    this.n = code.local(V128);
    this.counts = this.blocks.map(() => code.local(I32));
  }

  /** Writes the loads of the bar counts, which must have been raised already. */
  countBars(): void {
    const { code } = this;
    this.gather(this.blocks, 8 * COUNT_SLOT);
    code.set(this.n);
    this.counts.forEach((count, lane) => {
      code
        .get(this.n)
        .simd(SIMD.extractLane, lane)
        .op(...TO_COUNT)
        .set(count);
    });
  }

  /** Writes the division of the bar counts. Divisions stand first, so that none is written inside a branch. */
  divide(divisor: number): void {
    if (this.remainders.has(divisor)) return;
    const made = this.counts.map((count) => {
      const local = this.code.local(I32);
      this.code.get(count).i32(divisor).op(OP.i32RemU).set(local);
      return local;
    });
    this.remainders.set(divisor, made);
  }

  /** Local with one lane's bar count modulo the divisor. */
  remainder(divisor: number, lane: number): number {
    const local = this.remainders.get(divisor)?.[lane];
    invariant(local !== undefined, `the remainder by ${divisor} was computed up front`);
    return local;
  }

  /** Pushes a node's value. */
  push(node: GraphNode): void {
    if (node.op === 'constant') {
      this.code.both(node.value);
      return;
    }
    const local = this.localOf.get(node.id);
    invariant(local !== undefined, `node ${node.id} (${node.op}) is computed before it is used`);
    this.code.get(local);
  }

  /** The node's own local, made at the first call. */
  local(node: GraphNode): number {
    const known = this.localOf.get(node.id);
    if (known !== undefined) return known;
    const local = this.code.local(V128);
    this.localOf.set(node.id, local);
    return local;
  }

  /** Makes the node's value the one that a local holds already. */
  alias(node: GraphNode, local: number): void {
    this.localOf.set(node.id, local);
  }

  /** Pushes the doubles at a constant offset from each lane's address as one vector. */
  gather(addresses: readonly number[], offsetBytes: number): void {
    const { code } = this;
    const [first, second] = addresses as [number, number | undefined];
    if (second !== undefined) code.get(second);
    code.get(first).loadLow(offsetBytes);
    if (second !== undefined) code.simd(SIMD.loadLane, 3, ...unsigned(offsetBytes), 1);
  }

  /** Stores each lane of a local in its block. */
  scatter(local: number, offsetBytes: number): void {
    this.blocks.forEach((block, lane) => {
      this.code.get(block).get(local).storeLane(offsetBytes, lane);
    });
  }

  /** Sets lanes of `target` one by one to the f64 that `value` pushes; where `condition` is given and pushes 1. */
  perLane(target: number, condition: ((lane: number) => void) | undefined, value: (lane: number) => void): void {
    const { code } = this;
    this.blocks.forEach((_, lane) => {
      condition?.(lane);
      if (condition !== undefined) code.op(OP.if, NOTHING);
      code.get(target);
      value(lane);
      code.simd(SIMD.replaceLane, lane).set(target);
      if (condition !== undefined) code.op(OP.end);
    });
  }

  /** Pushes 1 where the series in lane 0 has seen more than so many bars. */
  pushIsAfter(bars: number): void {
    this.code.get(this.n).simd(SIMD.extractLane, 0).f64(bars).op(OP.f64Gt);
  }

  /** Offset of a node's state in the block. */
  slotBytes(id: number): number {
    const slot = this.layout.slotOf.get(id);
    invariant(slot !== undefined && slot > COUNT_SLOT, `node ${id} has a slot`);
    return 8 * slot;
  }

  ringSize(ring: GraphNode): number {
    const size = this.layout.ringSizeOf.get(ring.id);
    invariant(size !== undefined, `ring ${ring.id} has a size`);
    return size;
  }
}
