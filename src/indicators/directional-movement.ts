import type { BarColumns } from './bar-input.ts';
import type { Graph, GraphNode } from './graph.ts';
import { columnOf, missingColumn, trueRangeColumn } from './plain-columns.ts';
import { NEARLY_ZERO, wilderTotal } from './smoothing.ts';
import { trueRangeNode } from './true-range.ts';

/** Nodes that ADX and both directional indicators share. */
export interface DirectionalNodes {
  /** +DI and -DI, 0 where nothing moved. */
  readonly plus: GraphNode;
  readonly minus: GraphNode;
  /** 100·|+DI − −DI|/(+DI + −DI); meaningless where {@link isDefined} does not hold. */
  readonly index: GraphNode;
  readonly isDefined: GraphNode;
}

/** Wilder's directional movement as TA-Lib smooths it: totals seeded over n-1 bars, so +DI begins at bar n. */
export function directionalNodes(graph: Graph, length: number): DirectionalNodes {
  const zero = graph.constant(0);
  const tiny = graph.constant(NEARLY_ZERO);
  const high = graph.input('high');
  const low = graph.input('low');
  const up = graph.sub(high, graph.previous(high));
  const down = graph.sub(graph.previous(low), low);
  const rise = graph.select(graph.and(graph.less(down, up), graph.less(zero, up)), up, zero);
  const fall = graph.select(graph.and(graph.less(up, down), graph.less(zero, down)), down, zero);
  const range = wilderTotal(graph, trueRangeNode(graph), length);
  const hasMoved = graph.lessEqual(tiny, range);
  const scale = graph.select(hasMoved, graph.div(graph.constant(100), range), zero);
  const plus = graph.mul(wilderTotal(graph, rise, length), scale);
  const minus = graph.mul(wilderTotal(graph, fall, length), scale);
  const sum = graph.add(plus, minus);
  const index = graph.div(graph.mul(graph.constant(100), graph.abs(graph.sub(plus, minus))), sum);
  return { plus, minus, index, isDefined: graph.lessEqual(tiny, sum) };
}

/** +DI, -DI and DX over a whole history; DX is NaN where both are 0. */
export function directionalColumns(
  { high, low, close }: BarColumns,
  length: number,
): { plus: Float64Array; minus: Float64Array; index: Float64Array } {
  const n = close.length;
  const moves = (i: number): readonly [number, number] => {
    const up = (high[i] as number) - (high[i - 1] as number);
    const down = (low[i - 1] as number) - (low[i] as number);
    return [up > down && up > 0 ? up : 0, down > up && down > 0 ? down : 0];
  };
  const range = totalColumn(trueRangeColumn(high, low, close), length);
  const rise = totalColumn(
    columnOf(n, (i) => (i === 0 ? Number.NaN : moves(i)[0])),
    length,
  );
  const fall = totalColumn(
    columnOf(n, (i) => (i === 0 ? Number.NaN : moves(i)[1])),
    length,
  );
  const share = (x: Float64Array): Float64Array =>
    columnOf(n, (i) => ((range[i] as number) < NEARLY_ZERO ? 0 : (100 * (x[i] as number)) / (range[i] as number)));
  const plus = share(rise);
  const minus = share(fall);
  const index = columnOf(n, (i) => {
    const sum = (plus[i] as number) + (minus[i] as number);
    return sum < NEARLY_ZERO ? Number.NaN : (100 * Math.abs((plus[i] as number) - (minus[i] as number))) / sum;
  });
  return { plus, minus, index };
}

function totalColumn(x: Float64Array, length: number): Float64Array {
  const out = missingColumn(x.length);
  let total = 0;
  for (let i = 1; i < x.length; i++) {
    total = i < length ? total + (x[i] as number) : total - total / length + (x[i] as number);
    if (i >= length) out[i] = total;
  }
  return out;
}
