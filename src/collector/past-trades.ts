import { UsageError } from '../base/index.ts';
import type { Clock } from '../host/index.ts';
import type { EventBatch } from '../model/index.ts';
import type { Adapter, HistoryQuery } from '../sources/index.ts';
import { RowCollector, withoutRows } from './row-collector.ts';
import type { SourceRequests } from './source-requests.ts';

export interface PastTradesParts {
  readonly adapter: Adapter;
  readonly requests: SourceRequests | undefined;
  readonly clock: Clock;
  readonly sourceId: number;
}

/** Trades of one symbol with event time in [fromUs, toUs), ascending, page by page. @throws UsageError where there are none. */
export async function* pastTrades(
  { adapter, requests, clock, sourceId }: PastTradesParts,
  symbol: string,
  fromUs: number,
  toUs: number,
): AsyncGenerator<EventBatch> {
  const theirs = adapter.symbols.provider(symbol);
  let query: HistoryQuery | undefined = adapter.history?.trades?.({ symbol, fromUs, toUs });
  if (query === undefined || requests === undefined) {
    throw new UsageError(`${adapter.id} has no past trades of ${theirs}.`, { subject: 'source' });
  }
  while (query !== undefined) {
    const answer = await requests.ask(query.request);
    const rows = new RowCollector({ sourceId });
    const nowUs = clock.nowUs();
    rows.begin(nowUs);
    query = query.read(answer, nowUs, rows);
    for (const batch of rows.filled) {
      const outside = new Set<number>();
      for (let row = 0; row < batch.length; row++) {
        const tsUs = batch.tsEventUs[row] as number;
        if (tsUs < fromUs || tsUs >= toUs) outside.add(row);
      }
      yield outside.size === 0 ? batch : withoutRows(batch, outside);
    }
  }
}
