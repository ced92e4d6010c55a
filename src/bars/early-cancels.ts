interface EarlyCancel {
  readonly id: number;
  readonly source: number;
  readonly receivedUs: number;
}

const MAX_PER_SYMBOL = 256;

/**
 * Cancels and corrections that came before the trade they take back, so that it can be dropped when it does come.
 * Bound: 256 a symbol, kept for `keepUs` of engine time; policy `drop-oldest`, counted in `dropped`.
 */
export class EarlyCancels {
  dropped = 0;
  /** How many are waiting over all symbols, expired ones included: 0 lets the hot path skip the look-up. */
  size = 0;
  private readonly bySymbol = new Map<number, EarlyCancel[]>();
  private readonly keepUs: number;

  constructor(keepUs: number) {
    this.keepUs = keepUs;
  }

  add(symbol: number, id: number, source: number, nowUs: number): void {
    const list = this.live(symbol, nowUs);
    if (list.length === MAX_PER_SYMBOL) {
      list.shift();
      this.size--;
      this.dropped++;
    }
    list.push({ id, source, receivedUs: nowUs });
    this.size++;
  }

  /** True when the trade was taken back before it came; that cancel is then used up. */
  claim(symbol: number, id: number, source: number, nowUs: number): boolean {
    if (!this.bySymbol.has(symbol)) return false;
    const list = this.live(symbol, nowUs);
    const index = list.findIndex((cancel) => cancel.id === id && cancel.source === source);
    if (index < 0) return false;
    list.splice(index, 1);
    this.size--;
    return true;
  }

  private live(symbol: number, nowUs: number): EarlyCancel[] {
    const list = this.bySymbol.get(symbol) ?? [];
    const live = list.filter((cancel) => nowUs - cancel.receivedUs <= this.keepUs);
    this.size -= list.length - live.length;
    this.bySymbol.set(symbol, live);
    return live;
  }

  save(put: (value: number) => void): void {
    put(this.dropped);
    put(this.size);
    for (const [symbol, list] of this.bySymbol) {
      for (const cancel of list) for (const value of [symbol, cancel.id, cancel.source, cancel.receivedUs]) put(value);
    }
  }

  load(take: () => number): void {
    this.bySymbol.clear();
    this.dropped = take();
    this.size = take();
    for (let i = 0; i < this.size; i++) {
      const symbol = take();
      const list = this.bySymbol.get(symbol) ?? [];
      list.push({ id: take(), source: take(), receivedUs: take() });
      this.bySymbol.set(symbol, list);
    }
  }
}
