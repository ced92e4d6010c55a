import type { WireSymbols } from './wire-symbols.ts';

/** The subscriptions of one client to one channel. Events bear the spelling that the client subscribed with. */
export class Channel {
  private readonly symbols: WireSymbols;
  private readonly defaultText: (symbol: number) => string;
  private readonly asked = new Map<string, number | undefined>();
  private readonly names: (string | undefined)[] = [];
  private isAll = false;

  /** @param defaultText how a symbol is spelt for a client that asked for all of them. */
  constructor(symbols: WireSymbols, defaultText: (symbol: number) => string) {
    this.symbols = symbols;
    this.defaultText = defaultText;
  }

  get size(): number {
    return this.asked.size;
  }

  add(text: string): void {
    const id = text === '*' ? undefined : this.symbols.find(text);
    this.asked.set(text, id);
    if (text === '*') this.isAll = true;
    else if (id !== undefined) this.names[id] = text;
  }

  remove(text: string): void {
    const id = this.asked.get(text);
    this.asked.delete(text);
    if (text === '*') this.isAll = false;
    else if (id !== undefined) this.names[id] = undefined;
  }

  clear(): void {
    for (const text of [...this.asked.keys()]) this.remove(text);
  }

  has(text: string): boolean {
    return this.asked.has(text);
  }

  /** Everything that was asked for, known or not. */
  list(): string[] {
    return [...this.asked.keys()];
  }

  /** The spelling for a symbol's events; `undefined` where the client has not subscribed to it. */
  nameOf(symbol: number): string | undefined {
    return this.names[symbol] ?? (this.isAll ? this.defaultText(symbol) : undefined);
  }
}
