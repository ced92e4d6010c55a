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
    this.byId.set(`${row.symbol} ${row.source ?? ''} ${row.id}`, row);
  }

  /** The trade as it stands, `undefined` for one that was cancelled or for an amendment itself. */
  standing(row: TradeRow): TradeRow | undefined {
    if (row.action !== 'trade') return undefined;
    if (row.id === undefined || this.byId.size === 0) return row;
    const amendment = this.byId.get(`${row.symbol} ${row.source ?? ''} ${row.id}`);
    if (amendment === undefined) return row;
    if (amendment.action === 'cancel') return undefined;
    return { ...amendment, ts: row.ts, action: 'trade' };
  }
}
