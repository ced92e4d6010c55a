import { invariant } from '../base/index.ts';
import { BAR_FIELDS, type GraphNode } from '../indicators/index.ts';
import { COUNT_SLOT, type GraphLayout } from './graph-layout.ts';
import { ROW_DOUBLES } from './input-frames.ts';

/**
 * When a sliding value is computed anew from its window. `everyBars` bounds what rounding can add up to; below
 * `cancellation` times what has just left the window (a mean) or what was there before (squares), subtraction ate its
 * digits. Squares lose digits twice as fast, so they are stricter.
 */
export function refreshRule(op: 'mean' | 'squares', length: number): { everyBars: number; cancellation: number } {
  return op === 'mean'
    ? { everyBars: Math.max(length, 64), cancellation: 1e-4 / length }
    : { everyBars: length, cancellation: 1e-2 };
}

/**
 * Evaluates a graph node by node in plain JavaScript. It says what every operation means: the compiled form must give
 * the same bits. It also runs where WebAssembly is switched off.
 */
export class GraphInterpreter {
  private readonly layout: GraphLayout;
  private readonly values: Float64Array;
  /** What each mean was before this bar; squared deviations slide on it. */
  private readonly before: Float64Array;
  private readonly fieldOf: Int32Array;

  constructor(layout: GraphLayout) {
    this.layout = layout;
    const size = 1 + Math.max(0, ...layout.warmingOrder.map((node) => node.id));
    this.values = new Float64Array(size);
    this.before = new Float64Array(size);
    this.fieldOf = new Int32Array(size);
    for (const node of layout.warmingOrder) {
      if (node.field !== '') this.fieldOf[node.id] = BAR_FIELDS.indexOf(node.field);
    }
  }

  /**
   * Takes one bar into the block at `base` of `memory` and writes the outputs at `out`.
   * @param input offset of the staged bar in `memory`; field f stands ROW_DOUBLES·f further on.
   */
  update(memory: Float64Array, base: number, input: number, out: number): void {
    const { layout, values } = this;
    const n = at(memory, base + COUNT_SLOT) + 1;
    memory[base + COUNT_SLOT] = n;
    for (const node of layout.warmingOrder) values[node.id] = this.evaluate(node, n, memory, base, input);
    for (let i = 0; i < layout.outputs.length; i++) {
      const isWarm = n > (layout.outputWarm[i] as number);
      memory[out + i] = isWarm ? at(values, (layout.outputs[i] as GraphNode).id) : Number.NaN;
    }
  }

  private evaluate(node: GraphNode, n: number, memory: Float64Array, base: number, input: number): number {
    const a = this.argument(node, 0);
    const b = this.argument(node, 1);
    switch (node.op) {
      case 'constant':
        return node.value;
      case 'input':
        return at(memory, input + ROW_DOUBLES * at(this.fieldOf, node.id));
      case 'count':
        return n;
      case 'add':
        return a + b;
      case 'sub':
        return a - b;
      case 'mul':
        return a * b;
      case 'div':
        return a / b;
      case 'min':
        // biome-ignore lint/complexity/useMathMinMax: a NaN in b must not count, as in f64x2.pmin.
        return b < a ? b : a;
      case 'max':
        // biome-ignore lint/complexity/useMathMinMax: a NaN in b must not count, as in f64x2.pmax.
        return a < b ? b : a;
      case 'abs':
        return Math.abs(a);
      case 'sqrt':
        return Math.sqrt(a);
      case 'log':
        return Math.log(a);
      case 'less':
        return a < b ? 1 : 0;
      case 'lessEqual':
        return a <= b ? 1 : 0;
      case 'equal':
        return a === b ? 1 : 0;
      case 'and':
        return a !== 0 && b !== 0 ? 1 : 0;
      case 'or':
        return a !== 0 || b !== 0 ? 1 : 0;
      case 'select':
        return a !== 0 ? b : this.argument(node, 2);
      case 'since':
        return n > node.value ? a : b;
      default:
        return this.evaluateState(node, n, memory, base);
    }
  }

  private evaluateState(node: GraphNode, n: number, memory: Float64Array, base: number): number {
    const owner = node.op === 'old' ? node.register : node.id;
    const slot = base + (this.layout.slotOf.get(owner) ?? 0);
    const x = this.argument(node, 0);
    switch (node.op) {
      case 'old':
        return at(memory, slot);
      case 'register':
        memory[slot] = x;
        return x;
      case 'ring':
        memory[slot + (n % this.ringSize(node))] = x;
        return x;
      case 'lag': {
        const ring = node.args[0] as GraphNode;
        const size = this.ringSize(ring);
        const index = ((n % size) - node.value + size) % size;
        return at(memory, base + (this.layout.slotOf.get(ring.id) as number) + index);
      }
      case 'absoluteDeviation':
        return this.overWindow(
          node,
          n,
          memory,
          base,
          (sum, value) => sum + Math.abs(value - this.argument(node, 2)),
          0,
        );
      case 'highest':
      case 'lowest':
        return extreme(node.op === 'highest', x, node.value, n, memory, slot);
      default: {
        const renewed = this.window(node, n, memory, base, at(memory, slot));
        memory[slot] = renewed;
        return renewed;
      }
    }
  }

  private window(node: GraphNode, n: number, memory: Float64Array, base: number, old: number): number {
    const x = this.argument(node, 0);
    const expired = this.argument(node, 1);
    const length = node.value;
    const k = n - (node.args[0] as GraphNode).warm;
    const rule = refreshRule(node.op === 'mean' ? 'mean' : 'squares', length);
    const isRefreshed = k === length || (k > length && n % rule.everyBars === 0);
    switch (node.op) {
      case 'mean': {
        this.before[node.id] = old;
        if (k <= 0) return old;
        if (k < length) return old + (x - old) / k;
        if (isRefreshed) return this.meanOf(node, n, memory, base);
        const mean = old + (x - expired) * (1 / length);
        const isCancelled = Math.abs(mean) < Math.abs(expired) * rule.cancellation;
        return isCancelled ? this.meanOf(node, n, memory, base) : mean;
      }
      case 'squares': {
        const center = node.args[2] as GraphNode;
        const mean = at(this.values, center.id);
        const meanBefore = at(this.before, center.id);
        if (k <= 0) return old;
        if (k < length) return old + (x - meanBefore) * (x - mean);
        if (isRefreshed) return this.squaresOf(node, n, memory, base);
        const squares = old + (x - expired) * (x - mean + (expired - meanBefore));
        return squares < old * rule.cancellation ? this.squaresOf(node, n, memory, base) : squares;
      }
      default:
        invariant(false, `the interpreter knows the operation ${node.op}`);
    }
  }

  /** Mean about the newest value, so that a window of equal values has exactly that mean. */
  private meanOf(node: GraphNode, n: number, memory: Float64Array, base: number): number {
    const newest = this.argument(node, 0);
    const sum = this.overWindow(node, n, memory, base, (total, value) => total + (value - newest), 0);
    return newest + sum / node.value;
  }

  private squaresOf(node: GraphNode, n: number, memory: Float64Array, base: number): number {
    const mean = this.meanOf(node, n, memory, base);
    return this.overWindow(node, n, memory, base, (total, value) => total + (value - mean) * (value - mean), 0);
  }

  /** Folds the last `node.value` values of the window's ring, newest first. */
  private overWindow(
    node: GraphNode,
    n: number,
    memory: Float64Array,
    base: number,
    fold: (folded: number, value: number) => number,
    seed: number,
  ): number {
    const ring = (node.args[1] as GraphNode).args[0] as GraphNode;
    const start = base + (this.layout.slotOf.get(ring.id) as number);
    const size = this.ringSize(ring);
    let index = n % size;
    let folded = seed;
    for (let i = 0; i < node.value; i++) {
      folded = fold(folded, at(memory, start + index));
      index = index === 0 ? size - 1 : index - 1;
    }
    return folded;
  }

  private argument(node: GraphNode, index: number): number {
    const argument = node.args[index];
    return argument === undefined ? 0 : at(this.values, argument.id);
  }

  private ringSize(ring: GraphNode): number {
    return this.layout.ringSizeOf.get(ring.id) as number;
  }
}

/**
 * Window extreme after van Herk and Gil-Werman: bars come in blocks of `length`; the window is the running extreme of
 * the block in hand joined with a suffix of the block before, whose suffix extremes are made once when it is full.
 * From `slot` on: running extreme, then `length` values or suffix extremes, then a sentinel.
 */
function extreme(isHighest: boolean, x: number, length: number, n: number, memory: Float64Array, slot: number): number {
  const pick = (a: number, b: number): number => ((isHighest ? a < b : b < a) ? b : a);
  const index = n % length;
  const running = pick(at(memory, slot), x);
  memory[slot] = running;
  memory[slot + 1 + index] = x;
  const result = pick(running, at(memory, slot + 1 + index + 1));
  if (index === length - 1) {
    memory[slot] = isHighest ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    for (let i = slot + length - 1; i > slot; i--) memory[i] = pick(at(memory, i), at(memory, i + 1));
  }
  return result;
}

function at(array: Float64Array | Int32Array, index: number): number {
  return array[index] as number;
}
