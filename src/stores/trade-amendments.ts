import type { TradeRow } from './store.ts';

/**
 * The trades that stand after corrections and cancels: a corrected trade keeps its time and place and takes the rest of
 * the last correction of its id; a cancelled one is gone. Amendments without an id can name no trade and are left out.
 */
export class TradeAmendments {
  private readonly byId = new Map<string, TradeRow>();

  /** Notes an amendment; the last one of an id counts. Rows that are trades are passed over. */
  note(row: TradeRow): void {
    if (row.action === 'trade' || row.id === undefined) return;
    this.byId.set(keyOf(row), row);
  }

  /** The trade as it stands, `undefined` for one that was cancelled or for an amendment itself. */
  standing(row: TradeRow): TradeRow | undefined {
    if (row.action !== 'trade') return undefined;
    if (row.id === undefined || this.byId.size === 0) return row;
    // Vendors that number across markets name none in what they take back.
    const amendment = this.byId.get(keyOf(row)) ?? this.byId.get(keyOf({ ...row, exchange: '' }));
    if (amendment === undefined) return row;
    if (amendment.action === 'cancel') return undefined;
    return { ...amendment, ts: row.ts, action: 'trade' };
  }
}

/** Ids are unique per market at best. */
function keyOf({ symbol, source, exchange, id }: TradeRow): string {
  return `${symbol} ${source ?? ''} ${exchange ?? ''} ${id}`;
}
