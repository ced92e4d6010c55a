import { invariant } from '../base/index.ts';
import type { BarField } from './bar-input.ts';

/**
 * The operations an indicator is written in. `register`, `ring` and the windows hold state between bars; everything
 * else is computed anew for each bar.
 */
export type GraphOp =
  | 'constant'
  | 'input'
  | 'count'
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'min'
  | 'max'
  | 'abs'
  | 'sqrt'
  | 'log'
  | 'less'
  | 'lessEqual'
  | 'equal'
  | 'and'
  | 'or'
  | 'select'
  | 'since'
  | 'old'
  | 'register'
  | 'ring'
  | 'lag'
  | 'mean'
  | 'squares'
  | 'highest'
  | 'lowest'
  | 'absoluteDeviation';

/** One value per bar. Nodes are immutable but for the one back edge from `old` to its register. */
export interface GraphNode {
  /** Position in the graph; every argument has a smaller one, so this order is an order of evaluation. */
  readonly id: number;
  readonly op: GraphOp;
  readonly args: readonly GraphNode[];
  /** The constant, the window's length, the lag in bars, the bar index of `since`, or the initial value of a register. */
  readonly value: number;
  /** The bar field of an `input`, else empty. */
  readonly field: BarField | '';
  /** Index of the first bar (from 0) at which the value is valid. */
  readonly warm: number;
  /** Of an `old`: the id of the register that it reads; else -1. */
  readonly register: number;
}

/**
 * Builds the expression graph of one or many indicators. Equal expressions become one node, so that what two
 * indicators share (a true range, a window of closes) is kept and computed once.
 */
export class Graph {
  readonly nodes: GraphNode[] = [];
  private readonly known = new Map<string, GraphNode>();

  constant(value: number): GraphNode {
    return this.node('constant', [], { value, warm: 0 });
  }

  input(field: BarField): GraphNode {
    return this.node('input', [], { field, warm: 0 });
  }

  /** Number of bars so far, this one included (1 at the first bar). */
  count(): GraphNode {
    return this.node('count', [], { warm: 0 });
  }

  add(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('add', [a, b]);
  }

  sub(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('sub', [a, b]);
  }

  mul(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('mul', [a, b]);
  }

  div(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('div', [a, b]);
  }

  /** b < a ? b : a, so a NaN in `b` does not count. */
  min(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('min', [a, b]);
  }

  /** a < b ? b : a, so a NaN in `b` does not count. */
  max(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('max', [a, b]);
  }

  abs(a: GraphNode): GraphNode {
    return this.node('abs', [a]);
  }

  sqrt(a: GraphNode): GraphNode {
    return this.node('sqrt', [a]);
  }

  /** Natural logarithm. */
  log(a: GraphNode): GraphNode {
    return this.node('log', [a]);
  }

  /** a < b, a condition for {@link select}, {@link and}, {@link or}; false when either is NaN. */
  less(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('less', [a, b]);
  }

  lessEqual(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('lessEqual', [a, b]);
  }

  equal(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('equal', [a, b]);
  }

  and(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('and', [a, b]);
  }

  or(a: GraphNode, b: GraphNode): GraphNode {
    return this.node('or', [a, b]);
  }

  /** `yes` where the condition holds, else `no`; both are computed, so neither may have an effect. */
  select(condition: GraphNode, yes: GraphNode, no: GraphNode): GraphNode {
    return this.node('select', [condition, yes, no]);
  }

  /**
   * `after` from bar index `bar` on, `before` until then. Once every series is past the last such bar, evaluators
   * leave the choice out.
   */
  since(bar: number, after: GraphNode, before: GraphNode): GraphNode {
    const warm = after.warm <= bar ? Math.min(before.warm, bar) : Math.max(after.warm, before.warm);
    return this.node('since', [after, before], { value: bar, warm });
  }

  /**
   * State of one number: `next` receives the value after the bar before and says the one after this bar, which is
   * what the returned node reads. `key` names the state together with everything that `next` depends on.
   */
  register(key: string, state: { initial: number; warm: number }, next: (old: GraphNode) => GraphNode): GraphNode {
    const known = this.known.get(`register:${key}`);
    if (known !== undefined) return known;
    const old = this.push('old', [], { value: state.initial, warm: state.warm });
    const renewed = this.push('register', [next(old)], { value: state.initial, warm: state.warm });
    this.nodes[old.id] = Object.assign(old, { register: renewed.id });
    this.known.set(`register:${key}`, renewed);
    return renewed;
  }

  /** The value of `x` one bar ago. */
  previous(x: GraphNode): GraphNode {
    const known = this.known.get(`previous:${x.id}`);
    if (known !== undefined) return known;
    const old = this.push('old', [], { value: Number.NaN, warm: x.warm + 1 });
    const renewed = this.push('register', [x], { value: Number.NaN, warm: x.warm });
    this.nodes[old.id] = Object.assign(old, { register: renewed.id });
    this.known.set(`previous:${x.id}`, old);
    return old;
  }

  /** The value of `x` that many bars ago; all lags and windows over one `x` share one ring. */
  lag(x: GraphNode, bars: number): GraphNode {
    return this.node('lag', [this.ring(x)], { value: bars, warm: x.warm + bars });
  }

  /** Mean of the last `length` values of `x`. */
  mean(x: GraphNode, length: number): GraphNode {
    if (length === 1) return x;
    return this.window('mean', [x, this.lag(x, length)], length);
  }

  /** Sum of squared deviations from the mean over the last `length` values of `x`, never negative. */
  squares(x: GraphNode, length: number): GraphNode {
    invariant(length >= 2, `squared deviations need a window of at least 2, not ${length}`);
    return this.window('squares', [x, this.lag(x, length), this.mean(x, length)], length);
  }

  /** Greatest of the last `length` values of `x`. */
  highest(x: GraphNode, length: number): GraphNode {
    return this.window('highest', [x], length);
  }

  /** Least of the last `length` values of `x`. */
  lowest(x: GraphNode, length: number): GraphNode {
    return this.window('lowest', [x], length);
  }

  /** Sum of |x - center| over the last `length` values of `x`. Costs `length` steps per bar. */
  absoluteDeviation(x: GraphNode, center: GraphNode, length: number): GraphNode {
    return this.node('absoluteDeviation', [x, this.lag(x, length), center], {
      value: length,
      warm: Math.max(center.warm, x.warm + length - 1),
    });
  }

  private ring(x: GraphNode): GraphNode {
    return this.node('ring', [x], { warm: x.warm });
  }

  private window(op: GraphOp, args: readonly GraphNode[], length: number): GraphNode {
    invariant(Number.isInteger(length) && length >= 1, `a window has a whole length of at least 1, not ${length}`);
    return this.node(op, args, { value: length, warm: (args[0] as GraphNode).warm + length - 1 });
  }

  private node(
    op: GraphOp,
    args: readonly GraphNode[],
    facts: { value?: number; field?: BarField; warm?: number } = {},
  ): GraphNode {
    const key = `${op}:${args.map((arg) => arg.id).join(',')}:${facts.value ?? ''}:${facts.field ?? ''}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const warm = facts.warm ?? args.reduce((latest, arg) => Math.max(latest, arg.warm), 0);
    const made = this.push(op, args, { ...facts, warm });
    this.known.set(key, made);
    return made;
  }

  private push(
    op: GraphOp,
    args: readonly GraphNode[],
    facts: { value?: number; field?: BarField; warm: number },
  ): GraphNode {
    const made: GraphNode = {
      id: this.nodes.length,
      op,
      args,
      value: facts.value ?? 0,
      field: facts.field ?? '',
      warm: facts.warm,
      register: -1,
    };
    this.nodes.push(made);
    return made;
  }
}
