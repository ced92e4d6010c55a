import { invariant } from '../base/index.ts';
import type { Graph, GraphNode } from '../indicators/index.ts';

/**
 * Where each stateful node of a graph keeps its doubles inside the block of one series, and in which order nodes are
 * evaluated. Slot 0 counts the bars.
 */
export interface GraphLayout {
  /** Live nodes in evaluation order while any value is still warming up. */
  readonly warmingOrder: readonly GraphNode[];
  /** Live nodes once nothing is warming up any more: `since` has become its first argument. */
  readonly steadyOrder: readonly GraphNode[];
  /** A series that has seen more bars than this is steady. */
  readonly steadyAfterBars: number;
  readonly outputs: readonly GraphNode[];
  /** Bar index from which each output is valid. */
  readonly outputWarm: readonly number[];
  /** First slot of each stateful node, by node id. */
  readonly slotOf: ReadonlyMap<number, number>;
  /** Number of values in each ring, by node id. */
  readonly ringSizeOf: ReadonlyMap<number, number>;
  /** The block of a series that has seen nothing. */
  readonly initialBlock: Float64Array;
}

/** Slot of the bar count in every block. */
export const COUNT_SLOT = 0;

/**
 * Lays out the part of `graph` that the outputs need. Outputs are shown from `outputWarm` on, which may be later than
 * their own warm-up.
 */
export function layOut(graph: Graph, outputs: readonly GraphNode[], outputWarm: readonly number[]): GraphLayout {
  const warmingOrder = liveNodes(graph, outputs, false);
  const steadyOrder = liveNodes(graph, outputs, true);
  const ringSizeOf = ringSizes(warmingOrder);
  const slotOf = new Map<number, number>();
  const initial: number[] = [0];
  for (const node of warmingOrder) {
    const width = slotsOf(node, ringSizeOf);
    if (width === 0) continue;
    slotOf.set(node.id, initial.length);
    for (let i = 0; i < width; i++) initial.push(initialOf(node));
  }
  let steadyAfterBars = Math.max(0, ...outputWarm);
  for (const node of warmingOrder) steadyAfterBars = Math.max(steadyAfterBars, lastChangeBar(node));
  return {
    warmingOrder,
    steadyOrder,
    steadyAfterBars,
    outputs,
    outputWarm,
    slotOf,
    ringSizeOf,
    initialBlock: Float64Array.from(initial),
  };
}

function liveNodes(graph: Graph, outputs: readonly GraphNode[], isSteady: boolean): GraphNode[] {
  const live = new Set<number>();
  const open: GraphNode[] = [...outputs];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (live.has(node.id)) continue;
    live.add(node.id);
    if (node.op === 'old') open.push(graph.nodes[node.register] as GraphNode);
    else if (node.op === 'since' && isSteady) open.push(node.args[0] as GraphNode);
    else open.push(...node.args);
  }
  return graph.nodes.filter((node) => live.has(node.id));
}

/** A ring holds one value more than the longest look back, so that the newest value may be stored before the oldest is read. */
function ringSizes(order: readonly GraphNode[]): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const node of order) {
    if (node.op !== 'lag') continue;
    const ring = node.args[0] as GraphNode;
    sizes.set(ring.id, Math.max(sizes.get(ring.id) ?? 0, node.value + 1));
  }
  return sizes;
}

function slotsOf(node: GraphNode, ringSizeOf: ReadonlyMap<number, number>): number {
  switch (node.op) {
    case 'ring': {
      const size = ringSizeOf.get(node.id);
      invariant(size !== undefined, 'a live ring has a live lag');
      return size;
    }
    case 'register':
    case 'mean':
    case 'squares':
      return 1;
    case 'highest':
    case 'lowest':
      // the extreme of the block that is being filled, the suffix extremes of the block before, and a sentinel
      return 1 + node.value + 1;
    default:
      return 0;
  }
}

function initialOf(node: GraphNode): number {
  if (node.op === 'register') return node.value;
  if (node.op === 'highest') return Number.NEGATIVE_INFINITY;
  if (node.op === 'lowest') return Number.POSITIVE_INFINITY;
  return 0;
}

/** The last bar count at which a node still behaves differently from the steady form. */
function lastChangeBar(node: GraphNode): number {
  switch (node.op) {
    case 'since':
      return node.value;
    case 'mean':
    case 'squares':
      return (node.args[0] as GraphNode).warm + node.value;
    default:
      return node.warm;
  }
}
