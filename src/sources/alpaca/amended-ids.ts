/** Corrections that are remembered. */
const MAX_IDS = 65_536;

/**
 * A correction gives its trade a new id, and what amends it next names that one. The tape knows the trade by its first
 * id, so the new ones are traced back to it. Bound: 65,536 corrections, policy `drop-oldest`, counted in `dropped`.
 */
export class AmendedIds {
  dropped = 0;
  private readonly firstIds = new Map<string, string>();

  /** The first id of the trade that bears `id` now. */
  firstOf(symbol: number, exchange: string, id: string): string {
    return this.firstIds.get(`${symbol} ${exchange} ${id}`) ?? id;
  }

  note(symbol: number, exchange: string, newId: string, firstId: string): void {
    if (newId === firstId) return;
    if (this.firstIds.size === MAX_IDS) {
      const [oldest] = this.firstIds.keys();
      if (oldest !== undefined) this.firstIds.delete(oldest);
      this.dropped++;
    }
    this.firstIds.set(`${symbol} ${exchange} ${newId}`, firstId);
  }
}
