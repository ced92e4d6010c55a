import type { GraphNode } from '../indicators/index.ts';
import { refreshRule } from './graph-interpreter.ts';
import { I32, NOTHING, OP, SIMD, V128 } from './wasm-code.ts';
import type { WasmValues } from './wasm-values.ts';

/** The newest value takes the place of the oldest. */
export function writeRing(values: WasmValues, node: GraphNode): void {
  const { code } = values;
  const value = values.local(node);
  values.push(node.args[0] as GraphNode);
  code.set(value);
  values.blocks.forEach((block, lane) => {
    code
      .get(block)
      .get(values.remainder(values.ringSize(node), lane))
      .i32(3)
      .op(OP.i32Shl, OP.i32Add);
    code.get(value).storeLane(values.slotBytes(node.id), lane);
  });
}

export function writeLag(values: WasmValues, node: GraphNode): void {
  const { code } = values;
  const ring = node.args[0] as GraphNode;
  const size = values.ringSize(ring);
  const addresses = values.blocks.map((block, lane) => {
    const index = code.local(I32);
    // index = position - bars, plus the ring's size where that is negative
    code.get(values.remainder(size, lane)).i32(node.value).op(OP.i32Sub).tee(index);
    code.get(index).i32(31).op(OP.i32ShrS).i32(size).op(OP.i32And, OP.i32Add);
    code.i32(3).op(OP.i32Shl).get(block).op(OP.i32Add).set(index);
    return index;
  });
  values.gather(addresses, values.slotBytes(ring.id));
  code.set(values.local(node));
}

/** The interpreter's `extreme`, which explains it. */
export function writeExtreme(values: WasmValues, node: GraphNode, isHighest: boolean): void {
  const { code } = values;
  const pick = isHighest ? SIMD.pmax : SIMD.pmin;
  const running = values.slotBytes(node.id);
  const value = values.local(node);
  const x = code.local(V128);
  values.push(node.args[0] as GraphNode);
  code.set(x);
  values.gather(values.blocks, running);
  code.get(x).simd(pick).set(value);
  values.scatter(value, running);
  const addresses = values.blocks.map((block, lane) => {
    const address = code.local(I32);
    code.get(values.remainder(node.value, lane)).i32(3).op(OP.i32Shl).get(block).op(OP.i32Add).tee(address);
    code.get(x).storeLane(running + 8, lane);
    return address;
  });
  code.get(value);
  values.gather(addresses, running + 16);
  code.simd(pick).set(value);
  values.blocks.forEach((block, lane) => {
    code
      .get(values.remainder(node.value, lane))
      .i32(node.value - 1)
      .op(OP.i32Eq, OP.if, NOTHING);
    code
      .get(block)
      .i32(running + 8)
      .op(OP.i32Add)
      .i32(node.value);
    code.call(isHighest ? values.calls.highest : values.calls.lowest).op(OP.end);
  });
}

export function writeDeviation(values: WasmValues, node: GraphNode): void {
  values.perLane(values.local(node), undefined, (lane) => {
    pushWindow(values, node, lane);
    values.push(node.args[2] as GraphNode);
    values.code.simd(SIMD.extractLane, lane).call(values.calls.deviation);
  });
}

/** A sliding mean or sum of squares, `op` says which. */
export class MomentWriter {
  private readonly values: WasmValues;
  private readonly isSteady: boolean;
  /** By node: local with what the mean was before this bar; squares slide on it. */
  private readonly meanBefore = new Map<number, number>();

  constructor(values: WasmValues, isSteady: boolean) {
    this.values = values;
    this.isSteady = isSteady;
  }

  /** The value renewed from its old one; while warming, by how many values it has seen. */
  write(node: GraphNode, op: 'mean' | 'squares'): void {
    const { values } = this;
    const { code } = values;
    const old = code.local(V128);
    const value = values.local(node);
    values.gather(values.blocks, values.slotBytes(node.id));
    code.tee(old).set(value);
    if (op === 'mean') this.meanBefore.set(node.id, old);
    if (this.isSteady) {
      this.slide(node, op, old, value);
    } else {
      const start = (node.args[0] as GraphNode).warm;
      values.pushIsAfter(start + node.value);
      code.op(OP.if, NOTHING);
      this.slide(node, op, old, value);
      code.op(OP.else);
      values.pushIsAfter(start);
      code.op(OP.if, NOTHING);
      this.fill(node, op, old, value);
      code.op(OP.end, OP.end);
    }
    values.scatter(value, values.slotBytes(node.id));
  }

  /** The window is full: one value comes, one goes. */
  private slide(node: GraphNode, op: 'mean' | 'squares', old: number, value: number): void {
    const { values } = this;
    const { code } = values;
    const [x, expired, mean] = node.args as [GraphNode, GraphNode, GraphNode];
    const rule = refreshRule(op, node.value);
    const cancelled = code.local(I32);
    code.get(old);
    values.push(x);
    values.push(expired);
    code.simd(SIMD.sub);
    if (op === 'mean') {
      const share = 1 / node.value;
      code.both(share).simd(SIMD.mul).simd(SIMD.add).tee(value).simd(SIMD.abs);
      values.push(expired);
      code.simd(SIMD.abs);
    } else {
      values.push(x);
      values.push(mean);
      code.simd(SIMD.sub);
      values.push(expired);
      code.get(this.before(mean)).simd(SIMD.sub).simd(SIMD.add);
      code.simd(SIMD.mul).simd(SIMD.add).tee(value).get(old);
    }
    code.both(rule.cancellation).simd(SIMD.mul).simd(SIMD.lt).simd(SIMD.bitmask).set(cancelled);
    values.perLane(
      value,
      (lane) => {
        code.get(values.remainder(rule.everyBars, lane)).op(OP.i32Eqz);
        code
          .get(cancelled)
          .i32(1 << lane)
          .op(OP.i32And, OP.i32Or);
      },
      (lane) => this.pushRecomputed(node, op, lane),
    );
  }

  /** Only while warming, hence one lane: the window is not full yet, or just became so. */
  private fill(node: GraphNode, op: 'mean' | 'squares', old: number, value: number): void {
    const { values } = this;
    const { code } = values;
    const x = node.args[0] as GraphNode;
    values.pushIsAfter(x.warm + node.value - 1);
    code.op(OP.if, NOTHING);
    values.perLane(value, undefined, (lane) => this.pushRecomputed(node, op, lane));
    code.op(OP.else).get(old);
    values.push(x);
    if (op === 'mean') {
      code.get(old).simd(SIMD.sub).get(values.n).both(x.warm).simd(SIMD.sub).simd(SIMD.div).simd(SIMD.add);
    } else {
      const mean = node.args[2] as GraphNode;
      code.get(this.before(mean)).simd(SIMD.sub);
      values.push(x);
      values.push(mean);
      code.simd(SIMD.sub).simd(SIMD.mul).simd(SIMD.add);
    }
    code.set(value).op(OP.end);
  }

  /** Pushes the moment of one lane, computed anew from its ring. */
  private pushRecomputed(node: GraphNode, op: 'mean' | 'squares', lane: number): void {
    pushWindow(this.values, node, lane);
    this.values.code.call(this.values.calls[op]);
  }

  private before(mean: GraphNode): number {
    return this.meanBefore.get(mean.id) as number;
  }
}

/** Pushes the four arguments of a window function. */
function pushWindow(values: WasmValues, node: GraphNode, lane: number): void {
  const ring = (node.args[1] as GraphNode).args[0] as GraphNode;
  const size = values.ringSize(ring);
  const { code } = values;
  code
    .get(values.blocks[lane] as number)
    .i32(values.slotBytes(ring.id))
    .op(OP.i32Add);
  code.i32(size).get(values.remainder(size, lane)).i32(node.value);
}
