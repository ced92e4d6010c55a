import { invariant } from '../base/index.ts';
import { BAR_FIELDS, type GraphNode, type GraphOp } from '../indicators/index.ts';
import { CANCELLATION } from './graph-interpreter.ts';
import { COUNT_SLOT, type GraphLayout } from './graph-layout.ts';
import { F64, I32, NOTHING, OP, type WasmCode } from './wasm-code.ts';

/** Function indices that the body calls. */
export interface BodyCalls {
  readonly log: number;
  readonly mean: number;
  readonly squares: number;
  readonly highest: number;
  readonly lowest: number;
  readonly deviation: number;
}

const BINARY: { readonly [op in GraphOp]?: number } = {
  add: OP.f64Add,
  sub: OP.f64Sub,
  mul: OP.f64Mul,
  div: OP.f64Div,
  min: OP.f64Min,
  max: OP.f64Max,
  less: OP.f64Lt,
  lessEqual: OP.f64Le,
  equal: OP.f64Eq,
  and: OP.i32And,
  or: OP.i32Or,
};
const CONDITIONS: ReadonlySet<GraphOp> = new Set(['less', 'lessEqual', 'equal', 'and', 'or']);
/** i32.trunc_sat_f64_u */
const TO_COUNT = [0xfc, 3];

/**
 * Writes the evaluation of one bar of one series as WebAssembly: every node becomes a local, every state a load and a
 * store in the series' block. The steady form leaves out all that only warming up needs.
 */
export class WasmBody {
  private readonly code: WasmCode;
  private readonly layout: GraphLayout;
  private readonly calls: BodyCalls;
  private readonly isSteady: boolean;
  /** Locals: address of the block, address of the frame, bars so far. */
  private readonly block: number;
  private readonly frame: number;
  private readonly n: number;
  private readonly count: number;
  private readonly localOf = new Map<number, number>();
  private readonly meanBefore = new Map<number, number>();
  private readonly remainders = new Map<number, number>();

  constructor(
    code: WasmCode,
    layout: GraphLayout,
    calls: BodyCalls,
    locals: { block: number; frame: number; n: number },
    isSteady: boolean,
  ) {
    this.code = code;
    this.layout = layout;
    this.calls = calls;
    this.isSteady = isSteady;
    this.block = locals.block;
    this.frame = locals.frame;
    this.n = locals.n;
    this.count = code.local(I32);
  }

  /** Writes everything; outputs go to `outOffsetBytes` of the block. */
  write(outOffsetBytes: number): void {
    const { code, layout } = this;
    code
      .get(this.n)
      .op(...TO_COUNT)
      .set(this.count);
    const order = this.isSteady ? layout.steadyOrder : layout.warmingOrder;
    for (const node of order) {
      if (node.op === 'ring') this.remainder(this.ringSize(node));
      if (node.op === 'mean' || node.op === 'squares') this.remainder(node.value);
    }
    for (const node of order) this.node(node);
    layout.outputs.forEach((node, i) => {
      code.get(this.block);
      this.push(node);
      if (!this.isSteady) {
        code
          .f64(Number.NaN)
          .get(this.n)
          .f64(layout.outputWarm[i] as number)
          .op(OP.f64Gt, OP.select);
      }
      code.store(outOffsetBytes + 8 * i);
    });
  }

  private node(node: GraphNode): void {
    const { code } = this;
    const binary = BINARY[node.op];
    if (binary !== undefined) {
      this.pushArguments(node);
      code.op(binary);
      this.keep(node);
      return;
    }
    switch (node.op) {
      case 'constant':
        return;
      case 'count':
        this.localOf.set(node.id, this.n);
        return;
      case 'input':
        invariant(node.field !== '', 'an input names its field');
        code.get(this.frame).load(8 * BAR_FIELDS.indexOf(node.field));
        this.keep(node);
        return;
      case 'abs':
      case 'sqrt':
        this.pushArguments(node);
        code.op(node.op === 'abs' ? OP.f64Abs : OP.f64Sqrt);
        this.keep(node);
        return;
      case 'log':
        this.pushArguments(node);
        code.call(this.calls.log);
        this.keep(node);
        return;
      case 'select':
        this.push(node.args[1] as GraphNode);
        this.push(node.args[2] as GraphNode);
        this.push(node.args[0] as GraphNode);
        code.op(OP.select);
        this.keep(node);
        return;
      case 'since':
        this.since(node);
        return;
      default:
        this.state(node);
    }
  }

  private since(node: GraphNode): void {
    if (this.isSteady) {
      this.push(node.args[0] as GraphNode);
    } else {
      this.pushArguments(node);
      this.code.get(this.n).f64(node.value).op(OP.f64Gt, OP.select);
    }
    this.keep(node);
  }

  private state(node: GraphNode): void {
    const { code } = this;
    switch (node.op) {
      case 'old':
        code.get(this.block).load(this.slotBytes(node.register));
        this.keep(node);
        return;
      case 'register':
        code.get(this.block);
        this.pushArguments(node);
        code.tee(this.fresh(node)).store(this.slotBytes(node.id));
        return;
      case 'ring':
        code.get(this.block).get(this.position(node)).i32(3).op(OP.i32Shl, OP.i32Add);
        this.pushArguments(node);
        code.tee(this.fresh(node)).store(this.slotBytes(node.id));
        return;
      case 'lag':
        this.lag(node);
        return;
      case 'absoluteDeviation':
        this.pushWindow(node);
        this.push(node.args[2] as GraphNode);
        code.call(this.calls.deviation);
        this.keep(node);
        return;
      default:
        this.window(node);
    }
  }

  private lag(node: GraphNode): void {
    const { code } = this;
    const ring = node.args[0] as GraphNode;
    const index = code.local(I32);
    // index = position - bars, plus the ring's size where that is negative
    code.get(this.position(ring)).i32(node.value).op(OP.i32Sub).tee(index);
    code.get(index).i32(31).op(OP.i32ShrS).i32(this.ringSize(ring)).op(OP.i32And, OP.i32Add);
    code.i32(3).op(OP.i32Shl).get(this.block).op(OP.i32Add).load(this.slotBytes(ring.id));
    this.keep(node);
  }

  /** A window's value renewed from its old one; while warming, by how many values it has seen. */
  private window(node: GraphNode): void {
    const { code } = this;
    const old = code.local(F64);
    const value = this.fresh(node);
    code.get(this.block).load(this.slotBytes(node.id)).tee(old).set(value);
    if (node.op === 'mean') this.meanBefore.set(node.id, old);
    if (this.isSteady) {
      this.slide(node, old, value);
    } else {
      const start = (node.args[0] as GraphNode).warm;
      code
        .get(this.n)
        .f64(start + node.value)
        .op(OP.f64Gt, OP.if, NOTHING);
      this.slide(node, old, value);
      code.op(OP.else).get(this.n).f64(start).op(OP.f64Gt, OP.if, NOTHING);
      this.fill(node, old, value, start);
      code.op(OP.end, OP.end);
    }
    code.get(this.block).get(value).store(this.slotBytes(node.id));
  }

  /** The window is full: one value comes, one goes. */
  private slide(node: GraphNode, old: number, value: number): void {
    const { code } = this;
    const [x, expired] = node.args as [GraphNode, GraphNode];
    if (node.op === 'highest' || node.op === 'lowest') {
      this.slideExtreme(node, old, value);
      return;
    }
    if (node.op === 'mean') {
      code.get(old);
      this.push(x);
      this.push(expired);
      code
        .op(OP.f64Sub)
        .f64(1 / node.value)
        .op(OP.f64Mul, OP.f64Add)
        .tee(value)
        .op(OP.f64Abs);
      this.push(expired);
      code
        .op(OP.f64Abs)
        .f64(CANCELLATION / node.value)
        .op(OP.f64Mul, OP.f64Lt);
    } else {
      const mean = node.args[2] as GraphNode;
      code.get(old);
      this.push(x);
      this.push(expired);
      code.op(OP.f64Sub);
      this.push(x);
      this.push(mean);
      code.op(OP.f64Sub);
      this.push(expired);
      code.get(this.meanBefore.get(mean.id) as number).op(OP.f64Sub, OP.f64Add, OP.f64Mul, OP.f64Add);
      code.tee(value).get(old).f64(CANCELLATION).op(OP.f64Mul, OP.f64Lt);
    }
    code.get(this.remainder(node.value)).op(OP.i32Eqz, OP.i32Or, OP.if, NOTHING);
    this.recompute(node, value);
    code.op(OP.end);
  }

  private slideExtreme(node: GraphNode, old: number, value: number): void {
    const { code } = this;
    const [x, expired] = node.args as [GraphNode, GraphNode];
    this.push(x);
    code.get(old).op(node.op === 'highest' ? OP.f64Ge : OP.f64Le, OP.if, NOTHING);
    this.push(x);
    code.set(value).op(OP.else);
    this.push(expired);
    code.get(old).op(OP.f64Eq, OP.if, NOTHING);
    this.recompute(node, value);
    code.op(OP.end, OP.end);
  }

  /** The window is not full yet, or just became so: n is in (start, start + length]. */
  private fill(node: GraphNode, old: number, value: number, start: number): void {
    const { code } = this;
    const x = node.args[0] as GraphNode;
    if (node.op === 'highest' || node.op === 'lowest') {
      code.get(old);
      this.push(x);
      code.op(node.op === 'highest' ? OP.f64Max : OP.f64Min).set(value);
      return;
    }
    code
      .get(this.n)
      .f64(start + node.value)
      .op(OP.f64Eq, OP.if, NOTHING);
    this.recompute(node, value);
    code.op(OP.else).get(old);
    this.push(x);
    if (node.op === 'mean') {
      code.get(old).op(OP.f64Sub).get(this.n).f64(start).op(OP.f64Sub, OP.f64Div, OP.f64Add);
    } else {
      const mean = node.args[2] as GraphNode;
      code.get(this.meanBefore.get(mean.id) as number).op(OP.f64Sub);
      this.push(x);
      this.push(mean);
      code.op(OP.f64Sub, OP.f64Mul, OP.f64Add);
    }
    code.set(value).op(OP.end);
  }

  private recompute(node: GraphNode, value: number): void {
    this.pushWindow(node);
    this.code.call(this.calls[node.op as 'mean' | 'squares' | 'highest' | 'lowest']).set(value);
  }

  /** Pushes the four arguments of a window function. */
  private pushWindow(node: GraphNode): void {
    const ring = (node.args[1] as GraphNode).args[0] as GraphNode;
    const { code } = this;
    code.get(this.block).i32(this.slotBytes(ring.id)).op(OP.i32Add);
    code.i32(this.ringSize(ring)).get(this.position(ring)).i32(node.value);
  }

  /** Local with the index of the newest value in the ring. */
  private position(ring: GraphNode): number {
    return this.remainder(this.ringSize(ring));
  }

  /** Local with bars so far modulo `divisor`. The first call writes the division, so it must not stand in a branch. */
  private remainder(divisor: number): number {
    const known = this.remainders.get(divisor);
    if (known !== undefined) return known;
    const made = this.code.local(I32);
    this.code.get(this.count).i32(divisor).op(OP.i32RemU).set(made);
    this.remainders.set(divisor, made);
    return made;
  }

  private push(node: GraphNode): void {
    if (node.op === 'constant') {
      this.code.f64(node.value);
      return;
    }
    const local = this.localOf.get(node.id);
    invariant(local !== undefined, `node ${node.id} (${node.op}) is computed before it is used`);
    this.code.get(local);
  }

  private pushArguments(node: GraphNode): void {
    for (const argument of node.args) this.push(argument);
  }

  private keep(node: GraphNode): void {
    this.code.set(this.fresh(node));
  }

  private fresh(node: GraphNode): number {
    const local = this.code.local(CONDITIONS.has(node.op) ? I32 : F64);
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
