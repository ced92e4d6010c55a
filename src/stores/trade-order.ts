import type { Cell } from './column-batch.ts';

/** Trades of one instant that are put in order together; policy at the bound: the rest of the instant is a group of its own. */
const MAX_GROUP = 65_536;

type Row = Readonly<Record<string, Cell>>;

/**
 * Puts trades of one event time, which come in the order of arrival, into the order of their source: those whose ids are
 * whole numbers first, by id, the others as they came; of several sources the one first heard of comes first. Bars break
 * ties of event time by the same rule, so that open and close of a bar are those of the list. Rows must come in the order
 * of time.
 */
export async function* inTradeOrder(rows: AsyncIterable<Row>): AsyncGenerator<Row> {
  let group: Row[] = [];
  for await (const row of rows) {
    const first = group[0];
    if (first !== undefined && (first['ts'] !== row['ts'] || group.length === MAX_GROUP)) {
      yield* sortedGroup(group);
      group = [];
    }
    group.push(row);
  }
  yield* sortedGroup(group);
}

function sortedGroup(group: Row[]): readonly Row[] {
  if (group.length < 2) return group;
  const sources = [...new Set(group.map((row) => row['source']))];
  const keyed = group.map((row) => ({ row, digits: digitsOf(row['id']), rank: sources.indexOf(row['source']) }));
  keyed.sort((a, b) => {
    if (a.digits === undefined || b.digits === undefined)
      return Number(a.digits === undefined) - Number(b.digits === undefined);
    return a.rank - b.rank || compareDigits(a.digits, b.digits);
  });
  return keyed.map(({ row }) => row);
}

/** A whole number of any size as its digits. */
function digitsOf(id: Cell | undefined): string | undefined {
  const text = id === undefined ? '' : String(id);
  return /^(0|[1-9]\d*)$/.test(text) ? text : undefined;
}

function compareDigits(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
