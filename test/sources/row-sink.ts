import { EVENT_KIND_NAMES, EventBatch, type EventKind, type Universe } from '../../src/model/index.ts';
import type { ControlOutcome, RowOutlet } from '../../src/sources/index.ts';

/** A row in words; absent parts are left out. */
export interface PlainRow {
  readonly kind: string;
  readonly symbol: string;
  readonly tsUs: number;
  /** The numeric columns of the kind, as far as they are numbers at the end of the list. */
  readonly values: readonly number[];
  readonly id?: string;
  readonly exchange?: string;
  readonly conditions?: string;
  readonly payload?: unknown;
}

const WIDTHS: Readonly<Record<string, number>> = { trade: 2, correction: 2, cancel: 2, quote: 4, bar: 8 };

/** Takes what an adapter reads and tells it in words. */
export class RowSink implements RowOutlet {
  readonly outcomes: ControlOutcome[] = [];
  readonly rejects: { readonly reason: string; readonly detail: string }[] = [];
  private readonly filled: EventBatch[] = [new EventBatch(64)];

  batch(): EventBatch {
    const last = this.filled.at(-1) as EventBatch;
    if (!last.isFull) return last;
    this.filled.push(new EventBatch(64));
    return this.filled.at(-1) as EventBatch;
  }

  control(outcome: ControlOutcome): void {
    this.outcomes.push(outcome);
  }

  reject(reason: 'bad-frame' | 'unknown-shape' | 'bad-row', detail: string): void {
    this.rejects.push({ reason, detail });
  }

  /** Receive times of all rows. */
  receiveTimes(): number[] {
    return this.filled.flatMap((batch) => [...batch.tsRecvUs.subarray(0, batch.length)]);
  }

  rows(universe: Universe): PlainRow[] {
    return this.filled.flatMap((batch) =>
      Array.from({ length: batch.length }, (_, row) => plain(batch, row, universe)),
    );
  }
}

function plain(batch: EventBatch, row: number, universe: Universe): PlainRow {
  const kind = EVENT_KIND_NAMES[batch.kind[row] as EventKind];
  const columns = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6, batch.p7];
  const symbol = batch.symbol[row] as number;
  const id = batch.idOf(row);
  const exchange = universe.exchanges.text(batch.exchange[row] as number);
  const conditions = universe.conditions.text(batch.conditions[row] as number);
  const payload = batch.payload[row];
  return {
    kind,
    symbol: symbol < 0 ? '' : universe.symbol(symbol),
    tsUs: batch.tsEventUs[row] as number,
    values: columns.slice(0, WIDTHS[kind] ?? 0).map((column) => column[row] as number),
    ...(id === undefined ? {} : { id }),
    ...(exchange === '' ? {} : { exchange }),
    ...(conditions === '' ? {} : { conditions }),
    ...(payload === undefined ? {} : { payload }),
  };
}
