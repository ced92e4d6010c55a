import { invariant } from '../base/index.ts';
import { BAR_FIELDS, type GraphNode, type GraphOp } from '../indicators/index.ts';
import { refreshRule } from './graph-interpreter.ts';
import type { GraphLayout } from './graph-layout.ts';
import { ROW_DOUBLES } from './input-frames.ts';
import { SIMD, unsigned, V128, type WasmCode } from './wasm-code.ts';
import { MomentWriter, writeDeviation, writeExtreme, writeLag, writeRing } from './wasm-state.ts';
import { type BodyAddresses, type BodyCalls, WasmValues } from './wasm-values.ts';

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

/**
 * Writes the evaluation of one bar as WebAssembly: every node becomes a local, every state a load and a store in the
 * series' block. All values are vectors of two doubles, for two series at once or with one lane idle: vector compares
 * and selects have no branches to mispredict, which for a single series too costs less than scalar code. The steady
 * form leaves out what only warming up needs.
 */
export class WasmBody {
  private readonly values: WasmValues;
  private readonly isSteady: boolean;
  private readonly moments: MomentWriter;

  constructor(code: WasmCode, layout: GraphLayout, calls: BodyCalls, addresses: BodyAddresses, isSteady: boolean) {
    this.values = new WasmValues(code, layout, calls, addresses);
    this.isSteady = isSteady;
    this.moments = new MomentWriter(this.values, isSteady);
  }

  /** Writes everything; outputs go to `outOffsetBytes` of each block. The bars must have been counted already. */
  write(outOffsetBytes: number): void {
    const { code, layout } = this.values;
    const order = this.isSteady ? layout.steadyOrder : layout.warmingOrder;
    this.values.countBars();
    for (const node of order) this.divide(node);
    for (const node of order) this.node(node);
    layout.outputs.forEach((node, i) => {
      const value = code.local(V128);
      this.values.push(node);
      if (!this.isSteady) {
        code.both(Number.NaN);
        this.chooseByCount(layout.outputWarm[i] as number);
      }
      code.set(value);
      this.values.scatter(value, outOffsetBytes + 8 * i);
    });
  }

  private divide(node: GraphNode): void {
    const { values } = this;
    if (node.op === 'ring') values.divide(values.ringSize(node));
    else if (node.op === 'mean' || node.op === 'squares') values.divide(refreshRule(node.op, node.value).everyBars);
    else if (node.op === 'highest' || node.op === 'lowest') values.divide(node.value);
  }

  private node(node: GraphNode): void {
    const { values } = this;
    const { code } = values;
    const plain = PLAIN[node.op];
    const [a, b, c] = node.args as [GraphNode, GraphNode, GraphNode];
    if (plain !== undefined) {
      for (const argument of node.args) values.push(argument);
      code.simd(plain).set(values.local(node));
      return;
    }
    switch (node.op) {
      case 'constant':
        return;
      case 'count':
        values.alias(node, values.n);
        return;
      case 'input':
        this.input(node);
        return;
      case 'log':
        values.perLane(values.local(node), undefined, (lane) => {
          values.push(a);
          code.simd(SIMD.extractLane, lane).call(values.calls.log);
        });
        return;
      case 'select':
        values.push(b);
        values.push(c);
        values.push(a);
        code.simd(SIMD.bitselect).set(values.local(node));
        return;
      case 'since':
        values.push(a);
        if (!this.isSteady) {
          values.push(b);
          this.chooseByCount(node.value);
        }
        code.set(values.local(node));
        return;
      default:
        this.state(node);
    }
  }

  private state(node: GraphNode): void {
    const { values } = this;
    switch (node.op) {
      case 'old':
        values.gather(values.blocks, values.slotBytes(node.register));
        values.code.set(values.local(node));
        return;
      case 'register':
        values.push(node.args[0] as GraphNode);
        values.code.set(values.local(node));
        values.scatter(values.local(node), values.slotBytes(node.id));
        return;
      case 'ring':
        writeRing(values, node);
        return;
      case 'lag':
        writeLag(values, node);
        return;
      case 'absoluteDeviation':
        writeDeviation(values, node);
        return;
      case 'highest':
      case 'lowest':
        writeExtreme(values, node, node.op === 'highest');
        return;
      case 'mean':
      case 'squares':
        this.moments.write(node, node.op);
        return;
      default:
        invariant(false, `the compiler knows the operation ${node.op}`);
    }
  }

  /** Staged bars are neighbours, so two of them are one load. */
  private input(node: GraphNode): void {
    invariant(node.field !== '', 'an input names its field');
    const { code, blocks, frame } = this.values;
    const offsetBytes = 8 * ROW_DOUBLES * BAR_FIELDS.indexOf(node.field);
    code.get(frame);
    if (blocks.length === 1) code.loadLow(offsetBytes);
    else code.simd(SIMD.load, 3, ...unsigned(offsetBytes));
    code.set(this.values.local(node));
  }

  /** Of two vectors on the stack keeps the first where more than so many bars were seen, else the second. */
  private chooseByCount(bars: number): void {
    this.values.code.get(this.values.n).both(bars).simd(SIMD.gt).simd(SIMD.bitselect);
  }
}
