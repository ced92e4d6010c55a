import type { DataKind, Page, RangeQuery, RowOf, RowReader } from '../stores/index.ts';

type Row = Readonly<Record<string, string | number | undefined>>;

const PAGE_ROWS = 10_000;
const MORE = 'more';

/**
 * What a store holds of one symbol, and over it what is newer: of rows with one key the later revision stands, rows
 * without a key are told apart by their sequence number. Pages are read one after the other; a query without a cursor
 * begins anew.
 */
export class MergedReader implements RowReader {
  private readonly older: RowReader;
  private readonly newer: RowReader;
  private readonly coveredSeq: number;
  private rows: AsyncIterator<Row> | undefined;

  /** @param coveredSeq tape sequence up to which `older` holds everything; it may hold rows beyond it */
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
    // Sequence numbers of the older rows at one time: a store that was written to meanwhile holds some of the newer rows.
    let heldUs = Number.NaN;
    const held = new Set<number>();
    const isHeld = (row: Row): boolean => !hasKey && row[time] === heldUs && held.has(row['seq'] as number);
    for await (const row of rowsOf(this.older, kind, range)) {
      const us = row[time] as number;
      while (next.done !== true && (next.value[time] as number) < us) {
        if (!isHeld(next.value)) yield next.value;
        next = await newer.next();
      }
      if (us !== heldUs) held.clear();
      heldUs = us;
      held.add(row['seq'] as number);
      const twin = hasKey && next.done !== true && next.value[time] === us ? next.value : undefined;
      const isLater = twin !== undefined && (row['revision'] as number) > (twin['revision'] as number);
      if (twin === undefined || isLater) yield row;
      if (isLater) next = await newer.next();
    }
    for (; next.done !== true; next = await newer.next()) if (!isHeld(next.value)) yield next.value;
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
