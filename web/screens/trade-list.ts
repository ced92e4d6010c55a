import type { TradeEvent } from '../../src/api/protocol/index.ts';
import type { AppContext } from '../app-context.ts';
import { el } from '../dom/element.ts';
import { fixed, sizeDigits } from '../dom/number-text.ts';
import { panel } from '../dom/state-panel.ts';
import { epochMs } from '../time/chart-seconds.ts';

const SHOWN = 14;

/** The newest trades of the open symbol. */
export class TradeList {
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #body = el('tbody');
  readonly #empty = el('p', { class: 'muted panel-note', text: 'Trades appear here as they come.' });
  #drawnTop: TradeEvent | undefined;

  constructor(context: AppContext) {
    this.#context = context;
    const head = el(
      'tr',
      {},
      el('th', { text: 'Time', attrs: { scope: 'col' } }),
      el('th', { class: 'right', text: 'Price', attrs: { scope: 'col' } }),
      el('th', { class: 'right', text: 'Size', attrs: { scope: 'col' } }),
    );
    const table = el(
      'table',
      { class: 'live-table trade-table' },
      el('caption', { class: 'visually-hidden', text: 'Newest trades' }),
      el('thead', {}, head),
      this.#body,
    );
    this.element = panel('Trades', this.#empty, table);
  }

  update(trades: readonly TradeEvent[], digits: number): void {
    if (trades[0] === this.#drawnTop) return;
    this.#drawnTop = trades[0];
    this.#empty.hidden = trades.length > 0;
    const sizes = sizeDigits(this.#context.store.symbols.get(trades[0]?.symbol ?? '')?.row.asset_class);
    const rows = trades.slice(0, SHOWN).map((trade, index) => {
      const before = trades[index + 1];
      const sign = before === undefined ? 0 : Math.sign(trade.price - before.price);
      const arrow = sign > 0 ? '▲' : sign < 0 ? '▼' : ' ';
      const tone = sign > 0 ? 'up' : sign < 0 ? 'down' : 'flat';
      const time = this.#context.zoneClock(trade.symbol).timeWithZone(epochMs(trade.timestamp));
      return el(
        'tr',
        {},
        el('td', { text: time }),
        el('td', { class: 'right' }, el('span', { class: tone, text: `${arrow} ${fixed(trade.price, digits)}` })),
        el('td', { class: 'right', text: fixed(trade.size, sizes) }),
      );
    });
    this.#body.replaceChildren(...rows);
  }
}
