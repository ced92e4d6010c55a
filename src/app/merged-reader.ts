import type { DataKind, Page, RangeQuery, RowOf, RowReader } from '../stores/index.ts';

type Row = Readonly<Record<string, string | number | undefined>>;

const PAGE_ROWS = 10_000;
const MORE = 'more';

/**
 * What a store holds of one symbol, and over it what is newer: rows with a key replace their like, of the others those
 * with a higher sequence number than the store has are added. Pages are read one after the other; a query without a
 * cursor begins anew.
 */
export class MergedReader implements RowReader {
  private readonly older: RowReader;
  private readonly newer: RowReader;
  private readonly coveredSeq: number;
  private rows: AsyncIterator<Row> | undefined;

  /** @param coveredSeq tape sequence up to which `older` holds everything */
  constructor(older: RowReader, newer: RowReader, coveredSeq: number) {
    this.older = older;
    this.newer = newer;
    this.coveredSeq = coveredSeq;
  }

  async read<Kind extends DataKind>(kind: Kind, query: RangeQuery): Promise<Page<RowOf[Kind]>> {
    const { cursor, limit = PAGE_ROWS, ...range } = query;
    if (cursor === undefined || this.rows === undefined) this.rows = this.merged(kind, range);
    const page: Row[] = [];
    while (page.length < limit) {
      const next = await this.rows.next();
      if (next.done === true) return { rows: page, nextCursor: undefined } as Page<unknown> as Page<RowOf[Kind]>;
      page.push(next.value);
    }
    return { rows: page, nextCursor: MORE } as Page<unknown> as Page<RowOf[Kind]>;
  }

  private async *merged(kind: DataKind, range: RangeQuery): AsyncGenerator<Row> {
    const hasKey = kind === 'bars' || kind === 'features';
    const time = hasKey ? 'start' : 'ts';
    const newer = this.newRows(kind, range, hasKey);
    let next = await newer.next();
    for await (const row of rowsOf(this.older, kind, range)) {
      while (next.done !== true && (next.value[time] as number) < (row[time] as number)) {
        yield next.value;
        next = await newer.next();
      }
      const isReplaced = hasKey && next.done !== true && next.value[time] === row[time];
      if (!isReplaced) yield row;
    }
    for (; next.done !== true; next = await newer.next()) yield next.value;
  }

  private async *newRows(kind: DataKind, range: RangeQuery, hasKey: boolean): AsyncGenerator<Row, undefined> {
    for await (const row of rowsOf(this.newer, kind, range)) {
      if (hasKey || (row['seq'] as number) > this.coveredSeq) yield row;
    }
    return undefined;
  }
}

async function* rowsOf(reader: RowReader, kind: DataKind, range: RangeQuery): AsyncGenerator<Row> {
  let cursor: string | undefined;
  do {
    const page = await reader.read(kind, { ...range, limit: PAGE_ROWS, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.rows as readonly unknown[] as readonly Row[];
    cursor = page.nextCursor;
  } while (cursor !== undefined);
}
