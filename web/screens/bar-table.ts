import type { AppContext } from '../app-context.ts';
import { el } from '../dom/element.ts';
import { LiveTable } from '../dom/live-table.ts';
import { fixed, signed, sizeDigits } from '../dom/number-text.ts';
import type { Bar, BarSeries } from '../state/bar-series.ts';

const SHOWN_BARS = 200;

/** State of a bar in a word or two. */
export function barStateWords(bar: Bar): string {
  if (!bar.final) return 'forming';
  return bar.revision > 0 ? `revised, r${bar.revision}` : 'final';
}

/** The chart's bars as a table, newest first: the same numbers, for those who do not see the picture. */
export class BarTable {
  readonly element: HTMLElement;
  readonly #table: LiveTable<Bar>;
  #digits = 2;
  #sizeDigits = 0;

  constructor(context: AppContext, symbolOf: () => string | undefined) {
    const price = (id: 'open' | 'high' | 'low' | 'close', label: string) =>
      ({ id, label, align: 'right', text: (bar: Bar) => fixed(bar[id], this.#digits) }) as const;
    this.#table = new LiveTable<Bar>({
      caption: 'Bars, newest first',
      class: 'bar-table',
      keyOf: (bar) => String(bar.startMs),
      rowState: (bar) => (bar.final ? (bar.revision > 0 ? 'revised' : undefined) : 'forming'),
      columns: [
        {
          id: 'start',
          label: 'Start',
          isRowHeader: true,
          text: (bar) => context.zoneClock(symbolOf()).full(bar.startMs),
        },
        price('open', 'Open'),
        price('high', 'High'),
        price('low', 'Low'),
        price('close', 'Close'),
        {
          id: 'change',
          label: 'Change',
          align: 'right',
          text: (bar) => signed(bar.close - bar.open, this.#digits),
          tone: (bar) => (bar.close > bar.open ? 'up' : bar.close < bar.open ? 'down' : 'flat'),
        },
        { id: 'volume', label: 'Volume', align: 'right', text: (bar) => fixed(bar.volume, this.#sizeDigits) },
        { id: 'vwap', label: 'VWAP', align: 'right', text: (bar) => fixed(bar.vwap, this.#digits) },
        { id: 'trades', label: 'Trades', align: 'right', text: (bar) => fixed(bar.trade_count, 0) },
        { id: 'barstate', label: 'State', text: barStateWords },
        { id: 'quality', label: 'Quality', align: 'right', text: (bar) => fixed(bar.quality, 2) },
        { id: 'source', label: 'Source', text: (bar) => bar.source },
      ],
    });
    this.element = el(
      'div',
      { class: 'bar-table-frame', attrs: { tabindex: '0', role: 'group', 'aria-label': 'Bars as a table' } },
      this.#table.element,
    );
  }

  update(series: BarSeries, digits: number, assetClass: string | undefined, nowMs: number): void {
    this.#digits = digits;
    this.#sizeDigits = sizeDigits(assetClass);
    this.#table.update(series.bars.slice(-SHOWN_BARS).reverse(), nowMs);
  }
}
