import { invariant } from '../base/index.ts';
import { BAR_FIELDS, type GraphNode, type GraphOp } from '../indicators/index.ts';
import { refreshRule } from './graph-interpreter.ts';
import { COUNT_SLOT, type GraphLayout } from './graph-layout.ts';
import { ROW_DOUBLES } from './input-frames.ts';
import { I32, NOTHING, OP, SIMD, unsigned, V128, type WasmCode } from './wasm-code.ts';

/** Function indices that the body calls. */
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

const PLAIN: { readonly [op in GraphOp]?: number } = {
  add: SIMD.add,
  sub: SIMD.sub,
  mul: SIMD.mul,
  div: SIMD.div,
  min: SIMD.pmin,
  max: SIMD.pmax,
  abs: SIMD.abs,
  sqrt: SIMD.sqrt,
  less: SIMD.lt,
  lessEqual: SIMD.le,
  equal: SIMD.eq,
  and: SIMD.and,
  or: SIMD.or,
};
/** i32.trunc_sat_f64_u */
const TO_COUNT = [0xfc, 3];

/**
 * Writes the evaluation of one bar as WebAssembly: every node becomes a local, every state a load and a store in the
 * series' block. All values are vectors of two doubles, for two series at once or with one lane idle: vector compares
 * and selects have no branches to mispredict, which for a single series too costs less than scalar code. The steady
 * form leaves out what only warming up needs.
 */
export class WasmBody {
  private readonly code: WasmCode;
  private readonly layout: GraphLayout;
  private readonly calls: BodyCalls;
  private readonly blocks: readonly number[];
  private readonly frame: number;
  private readonly isSteady: boolean;
  /** Bars so far: as a vector, and per lane as an integer. */
  private readonly n: number;
  private readonly counts: readonly number[];
  private readonly localOf = new Map<number, number>();
  private readonly meanBefore = new Map<number, number>();
  /** By divisor, per lane: bars so far modulo the divisor. */
  private readonly remainders = new Map<number, readonly number[]>();

  constructor(code: WasmCode, layout: GraphLayout, calls: BodyCalls, addresses: BodyAddresses, isSteady: boolean) {
    this.code = code;
    this.layout = layout;
    this.calls = calls;
    this.blocks = addresses.blocks;
    this.frame = addresses.frame;
    this.isSteady = isSteady;
    this.n = code.local(V128);
    this.counts = this.blocks.map(() => code.local(I32));
  }

  /** Writes everything; outputs go to `outOffsetBytes` of each block. The bars must have been counted already. */
  write(outOffsetBytes: number): void {
    const { code, layout } = this;
    const order = this.isSteady ? layout.steadyOrder : layout.warmingOrder;
    this.gather(this.blocks, 8 * COUNT_SLOT);
    code.set(this.n);
    this.counts.forEach((count, i) => {
      code
        .get(this.n)
        .simd(SIMD.extractLane, i)
        .op(...TO_COUNT)
        .set(count);
    });
    for (const node of order) this.divide(node);
    for (const node of order) this.node(node);
    layout.outputs.forEach((node, i) => {
      this.push(node);
      if (!this.isSteady)
        code
          .both(Number.NaN)
          .get(this.n)
          .both(layout.outputWarm[i] as number)
          .simd(SIMD.gt)
          .simd(SIMD.bitselect);
      const value = code.local(V128);
      code.set(value);
      this.scatter(value, outOffsetBytes + 8 * i);
    });
  }

  /** Divisions stand before everything else, so that none is written inside a branch and used outside. */
  private divide(node: GraphNode): void {
    let divisor = 0;
    if (node.op === 'ring') divisor = this.ringSize(node);
    else if (node.op === 'mean' || node.op === 'squares') divisor = refreshRule(node.op, node.value).everyBars;
    else if (node.op === 'highest' || node.op === 'lowest') divisor = node.value;
    if (divisor === 0 || this.remainders.has(divisor)) return;
    const made = this.counts.map((count) => {
      const local = this.code.local(I32);
      this.code.get(count).i32(divisor).op(OP.i32RemU).set(local);
      return local;
    });
    this.remainders.set(divisor, made);
  }

  private node(node: GraphNode): void {
    const { code } = this;
    const plain = PLAIN[node.op];
    if (plain !== undefined) {
      for (const argument of node.args) this.push(argument);
      code.simd(plain).set(this.fresh(node));
      return;
    }
    const [a, b, c] = node.args as [GraphNode, GraphNode, GraphNode];
    switch (node.op) {
      case 'constant':
        return;
      case 'count':
        this.localOf.set(node.id, this.n);
        return;
      case 'input':
        invariant(node.field !== '', 'an input names its field');
        this.input(node, 8 * ROW_DOUBLES * BAR_FIELDS.indexOf(node.field));
        return;
      case 'log':
        this.perLane(this.fresh(node), undefined, (lane) => {
          this.push(a);
          code.simd(SIMD.extractLane, lane).call(this.calls.log);
        });
        return;
      case 'select':
        this.push(b);
        this.push(c);
        this.push(a);
        code.simd(SIMD.bitselect).set(this.fresh(node));
        return;
      case 'since':
        this.push(a);
        if (!this.isSteady) {
          this.push(b);
          code.get(this.n).both(node.value).simd(SIMD.gt).simd(SIMD.bitselect);
        }
        code.set(this.fresh(node));
        return;
      case 'old':
        this.gather(this.blocks, this.slotBytes(node.register));
        code.set(this.fresh(node));
        return;
      case 'register':
        this.push(a);
        code.set(this.fresh(node));
        this.scatter(this.fresh(node), this.slotBytes(node.id));
        return;
      default:
        this.window(node);
    }
  }

  private window(node: GraphNode): void {
    switch (node.op) {
      case 'ring':
        this.storeInRing(node);
        return;
      case 'lag':
        this.lag(node);
        return;
      case 'absoluteDeviation':
        this.perLane(this.fresh(node), undefined, (lane) => {
          this.pushWindow(node, lane);
          this.push(node.args[2] as GraphNode);
          this.code.simd(SIMD.extractLane, lane).call(this.calls.deviation);
        });
        return;
      case 'highest':
      case 'lowest':
        this.extreme(node);
        return;
      case 'mean':
      case 'squares':
        this.moment(node);
        return;
      default:
        invariant(false, `the compiler knows the operation ${node.op}`);
    }
  }

  private storeInRing(node: GraphNode): void {
    const { code } = this;
    const value = this.fresh(node);
    this.push(node.args[0] as GraphNode);
    code.set(value);
    this.blocks.forEach((block, lane) => {
      code
        .get(block)
        .get(this.remainder(this.ringSize(node), lane))
        .i32(3)
        .op(OP.i32Shl, OP.i32Add);
      code.get(value).storeLane(this.slotBytes(node.id), lane);
    });
  }

  private lag(node: GraphNode): void {
    const { code } = this;
    const ring = node.args[0] as GraphNode;
    const size = this.ringSize(ring);
    const addresses = this.blocks.map((block, lane) => {
      const index = code.local(I32);
      // index = position - bars, plus the ring's size where that is negative
      code.get(this.remainder(size, lane)).i32(node.value).op(OP.i32Sub).tee(index);
      code.get(index).i32(31).op(OP.i32ShrS).i32(size).op(OP.i32And, OP.i32Add);
      code.i32(3).op(OP.i32Shl).get(block).op(OP.i32Add).set(index);
      return index;
    });
    this.gather(addresses, this.slotBytes(ring.id));
    code.set(this.fresh(node));
  }

  /** The interpreter's `extreme`, which explains it. */
  private extreme(node: GraphNode): void {
    const { code } = this;
    const pick = node.op === 'highest' ? SIMD.pmax : SIMD.pmin;
    const running = this.slotBytes(node.id);
    const value = this.fresh(node);
    const x = code.local(V128);
    this.push(node.args[0] as GraphNode);
    code.set(x);
    this.gather(this.blocks, running);
    code.get(x).simd(pick).set(value);
    this.scatter(value, running);
    const addresses = this.blocks.map((block, lane) => {
      const address = code.local(I32);
      code.get(this.remainder(node.value, lane)).i32(3).op(OP.i32Shl).get(block).op(OP.i32Add).tee(address);
      code.get(x).storeLane(running + 8, lane);
      return address;
    });
    code.get(value);
    this.gather(addresses, running + 16);
    code.simd(pick).set(value);
    this.blocks.forEach((block, lane) => {
      code
        .get(this.remainder(node.value, lane))
        .i32(node.value - 1)
        .op(OP.i32Ne, OP.i32Eqz, OP.if, NOTHING);
      code
        .get(block)
        .i32(running + 8)
        .op(OP.i32Add)
        .i32(node.value)
        .call(this.calls[node.op as 'highest' | 'lowest']);
      code.op(OP.end);
    });
  }

  /** A mean or a sum of squares renewed from its old value; while warming, by how many values it has seen. */
  private moment(node: GraphNode): void {
    const { code } = this;
    const old = code.local(V128);
    const value = this.fresh(node);
    this.gather(this.blocks, this.slotBytes(node.id));
    code.tee(old).set(value);
    if (node.op === 'mean') this.meanBefore.set(node.id, old);
    if (this.isSteady) {
      this.slide(node, old, value);
    } else {
      const start = (node.args[0] as GraphNode).warm;
      this.pushIsAfter(start + node.value);
      code.op(OP.if, NOTHING);
      this.slide(node, old, value);
      code.op(OP.else);
      this.pushIsAfter(start);
      code.op(OP.if, NOTHING);
      this.fill(node, old, value, start);
      code.op(OP.end, OP.end);
    }
    this.scatter(value, this.slotBytes(node.id));
  }

  /** The window is full: one value comes, one goes. */
  private slide(node: GraphNode, old: number, value: number): void {
    const { code } = this;
    const [x, expired, mean] = node.args as [GraphNode, GraphNode, GraphNode];
    const rule = refreshRule(node.op as 'mean' | 'squares', node.value);
    const cancelled = code.local(I32);
    code.get(old);
    this.push(x);
    this.push(expired);
    code.simd(SIMD.sub);
    if (node.op === 'mean') {
      code
        .both(1 / node.value)
        .simd(SIMD.mul)
        .simd(SIMD.add)
        .tee(value)
        .simd(SIMD.abs);
      this.push(expired);
      code.simd(SIMD.abs).both(rule.cancellation);
    } else {
      this.push(x);
      this.push(mean);
      code.simd(SIMD.sub);
      this.push(expired);
      code.get(this.meanBefore.get(mean.id) as number);
      code.simd(SIMD.sub).simd(SIMD.add).simd(SIMD.mul).simd(SIMD.add).tee(value).get(old).both(rule.cancellation);
    }
    code.simd(SIMD.mul).simd(SIMD.lt).simd(SIMD.bitmask).set(cancelled);
    this.perLane(
      value,
      (lane) => {
        code.get(this.remainder(rule.everyBars, lane)).op(OP.i32Eqz);
        code
          .get(cancelled)
          .i32(1 << lane)
          .op(OP.i32And, OP.i32Or);
      },
      (lane) => this.recompute(node, lane),
    );
  }

  /** Only while warming, hence one lane: the window is not full yet, or just became so. */
  private fill(node: GraphNode, old: number, value: number, start: number): void {
    const { code } = this;
    const x = node.args[0] as GraphNode;
    this.pushIsAfter(start + node.value - 1);
    code.op(OP.if, NOTHING);
    this.perLane(value, undefined, (lane) => this.recompute(node, lane));
    code.op(OP.else).get(old);
    this.push(x);
    if (node.op === 'mean') {
      code.get(old).simd(SIMD.sub).get(this.n).both(start).simd(SIMD.sub).simd(SIMD.div).simd(SIMD.add);
    } else {
      const mean = node.args[2] as GraphNode;
      code.get(this.meanBefore.get(mean.id) as number).simd(SIMD.sub);
      this.push(x);
      this.push(mean);
      code.simd(SIMD.sub).simd(SIMD.mul).simd(SIMD.add);
    }
    code.set(value).op(OP.end);
  }

  /** Pushes 1 where the series in lane 0 has seen more than so many bars. */
  private pushIsAfter(bars: number): void {
    this.code.get(this.n).simd(SIMD.extractLane, 0).f64(bars).op(OP.f64Gt);
  }

  /** Pushes the moment of one lane, computed anew from its ring. */
  private recompute(node: GraphNode, lane: number): void {
    this.pushWindow(node, lane);
    this.code.call(this.calls[node.op as 'mean' | 'squares']);
  }

  /** Pushes the four arguments of a window function. */
  private pushWindow(node: GraphNode, lane: number): void {
    const ring = (node.args[1] as GraphNode).args[0] as GraphNode;
    const size = this.ringSize(ring);
    const { code } = this;
    code
      .get(this.blocks[lane] as number)
      .i32(this.slotBytes(ring.id))
      .op(OP.i32Add);
    code.i32(size).get(this.remainder(size, lane)).i32(node.value);
  }

  /** Sets lanes of `target` one by one; `condition` pushes whether to; without it, always. */
  private perLane(
    target: number,
    condition: ((lane: number) => void) | undefined,
    value: (lane: number) => void,
  ): void {
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

  /** Staged bars are neighbours, so two of them are one load. */
  private input(node: GraphNode, offsetBytes: number): void {
    const { code } = this;
    code.get(this.frame);
    if (this.blocks.length === 1) code.loadLow(offsetBytes);
    else code.simd(SIMD.load, 3, ...unsigned(offsetBytes));
    code.set(this.fresh(node));
  }

  /** Pushes the doubles at a constant offset from each lane's address as one vector. */
  private gather(addresses: readonly number[], offsetBytes: number): void {
    const { code } = this;
    const [first, second] = addresses as [number, number | undefined];
    if (second !== undefined) code.get(second);
    code.get(first).loadLow(offsetBytes);
    if (second !== undefined) code.simd(SIMD.loadLane, 3, ...unsigned(offsetBytes), 1);
  }

  /** Stores each lane of a local in its block. */
  private scatter(value: number, offsetBytes: number): void {
    this.blocks.forEach((block, lane) => {
      this.code.get(block).get(value).storeLane(offsetBytes, lane);
    });
  }

  private remainder(divisor: number, lane: number): number {
    const local = this.remainders.get(divisor)?.[lane];
    invariant(local !== undefined, `the remainder by ${divisor} was computed up front`);
    return local;
  }

  private push(node: GraphNode): void {
    if (node.op === 'constant') {
      this.code.both(node.value);
      return;
    }
    const local = this.localOf.get(node.id);
    invariant(local !== undefined, `node ${node.id} (${node.op}) is computed before it is used`);
    this.code.get(local);
  }

  /** The node's own local, made at the first call. */
  private fresh(node: GraphNode): number {
    const known = this.localOf.get(node.id);
    if (known !== undefined) return known;
    const local = this.code.local(V128);
    this.localOf.set(node.id, local);
    return local;
  }

  private slotBytes(id: number): number {
    const slot = this.layout.slotOf.get(id);
    invariant(slot !== undefined && slot > COUNT_SLOT, `node ${id} has a slot`);
    return 8 * slot;
  }

  private ringSize(ring: GraphNode): number {
    return this.layout.ringSizeOf.get(ring.id) as number;
  }
}
