import { type EventBatch, EventKind } from '../model/index.ts';

/** Bars and ids remembered per symbol; older ones are forgotten (`drop-oldest`), and pass once more if they come again. */
const MAX_KNOWN = 4_096;

/** Tells rows that say something new from those that an earlier answer brought already. */
export class NewsFilter {
  /** By symbol and length: the values of bars by their start. */
  private readonly bars = new Map<string, Map<number, string>>();
  private readonly ids = new Map<number, Set<string>>();
  private readonly prints = new Map<number, { readonly tsUs: number; readonly price: number }>();

  /** Whatever is known of a symbol's prints up to a time counts as told. */
  begin(symbol: number, lastUs: number): void {
    this.prints.set(symbol, { tsUs: lastUs, price: Number.NaN });
  }

  isNews(batch: EventBatch, row: number): boolean {
    const kind = batch.kind[row];
    if (kind === EventKind.SourceBar) return this.isNewBar(batch, row);
    if (kind !== EventKind.Trade) return true;
    const id = batch.idOf(row);
    return id === undefined ? this.isNewPrint(batch, row) : this.isNewId(batch.symbol[row] as number, id);
  }

  /** A bar that comes again with other values is news: it replaces the one before. */
  private isNewBar(batch: EventBatch, row: number): boolean {
    const key = `${batch.symbol[row]} ${batch.p7[row]}`;
    const known = this.bars.get(key) ?? new Map<number, string>();
    this.bars.set(key, known);
    const startUs = batch.tsEventUs[row] as number;
    const columns = [batch.p0, batch.p1, batch.p2, batch.p3, batch.p4, batch.p5, batch.p6];
    const values = columns.map((column) => column[row]).join(' ');
    if (known.get(startUs) === values) return false;
    known.set(startUs, values);
    forgetOldest(known);
    return true;
  }

  private isNewId(symbol: number, id: string): boolean {
    const known = this.ids.get(symbol) ?? new Set<string>();
    this.ids.set(symbol, known);
    if (known.has(id)) return false;
    known.add(id);
    forgetOldest(known);
    return true;
  }

  /** The last price, which an answer repeats until there is another. */
  private isNewPrint(batch: EventBatch, row: number): boolean {
    const symbol = batch.symbol[row] as number;
    const print = { tsUs: batch.tsEventUs[row] as number, price: batch.p0[row] as number };
    const last = this.prints.get(symbol);
    if (last !== undefined && (print.tsUs < last.tsUs || isSame(print, last))) return false;
    this.prints.set(symbol, print);
    return true;
  }
}

function isSame(
  print: { readonly tsUs: number; readonly price: number },
  last: { readonly tsUs: number; readonly price: number },
): boolean {
  return print.tsUs === last.tsUs && (print.price === last.price || Number.isNaN(last.price));
}

function forgetOldest(known: Map<number, string> | Set<string>): void {
  if (known.size <= MAX_KNOWN) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest as never);
}
