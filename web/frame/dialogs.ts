import { el } from '../dom/element.ts';
import type { SymbolState } from '../state/symbol-state.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['g o · g s · g p · g a', 'Overview, Symbol, Signals, Alerts'],
  ['g r · g d · g y', 'Sources, Data, System'],
  ['g , · g b', 'Settings, About'],
  ['/ or Ctrl K', 'find a symbol'],
  ['digits, then Enter', 'timeframe: 1 5 15 30 are minutes, 60 is an hour (Symbol)'],
  ['[ · ]', 'previous, next symbol'],
  ['j · k · Enter', 'next row, previous row, open it'],
  ['Space', 'pause and go on'],
  ['End', 'go to the newest bar'],
  ['← · → · Home', 'bar by bar, first bar (chart focused)'],
  ['+ · −', 'zoom (chart focused)'],
  ['e', 'explain the row that has the focus'],
  ['r', 'read the current values aloud'],
  ['n · m', 'events drawer, pop-ups off and on'],
  ['t · z', 'theme, time zone'],
  ['? · Esc', 'these keys, close'],
];

/** A dialog that lists what the keyboard can do. */
export function keysDialog(): HTMLDialogElement {
  const rows = KEYS.map(([keys, meaning]) =>
    el('tr', {}, el('th', { attrs: { scope: 'row' } }, el('kbd', { text: keys })), el('td', { text: meaning })),
  );
  const close = el('button', { class: 'button', text: 'Close', attrs: { type: 'submit' } });
  const dialog = el(
    'dialog',
    { class: 'dialog', attrs: { 'aria-labelledby': 'keys-title' } },
    el('h2', { id: 'keys-title', text: 'Keys' }),
    el('table', { class: 'keys' }, el('tbody', {}, ...rows)),
    el('p', { class: 'muted', text: 'Single keys act only outside of input fields. Settings can switch them off.' }),
    el('form', { attrs: { method: 'dialog' } }, close),
  );
  return dialog;
}

/** Finds a symbol by typing a part of it. */
export class SearchDialog {
  readonly element: HTMLDialogElement;
  readonly #input: HTMLInputElement;
  readonly #list: HTMLUListElement;
  readonly #open: (symbol: string) => void;
  #symbols: readonly SymbolState[] = [];

  constructor(open: (symbol: string) => void) {
    this.#open = open;
    this.#input = el('input', {
      id: 'search-input',
      attrs: { type: 'search', autocomplete: 'off', spellcheck: 'false', placeholder: 'AAPL, BTCUSD …' },
      on: { input: () => this.#draw() },
    });
    this.#list = el('ul', { class: 'search-list' });
    this.element = el(
      'dialog',
      { class: 'dialog search-dialog', attrs: { 'aria-labelledby': 'search-label' } },
      el(
        'form',
        {
          on: {
            submit: (event) => {
              event.preventDefault();
              const first = this.#matches()[0];
              if (first !== undefined) this.#choose(first.row.symbol);
            },
          },
        },
        el('label', { id: 'search-label', text: 'Find a symbol', attrs: { for: 'search-input' } }),
        this.#input,
      ),
      this.#list,
    );
  }

  show(symbols: readonly SymbolState[]): void {
    if (this.element.open) return;
    this.#symbols = symbols;
    this.#input.value = '';
    this.#draw();
    this.element.showModal();
    this.#input.focus();
  }

  #matches(): readonly SymbolState[] {
    // BTC/USD and BTC-USD mean the generic BTCUSD.
    const wanted = this.#input.value.trim().toUpperCase().replace(/[/-]/g, '').split(':')[0] ?? '';
    return this.#symbols.filter((state) => state.row.symbol.includes(wanted)).slice(0, 12);
  }

  #choose(symbol: string): void {
    this.element.close();
    this.#open(symbol);
  }

  #draw(): void {
    const matches = this.#matches();
    const items = matches.map((state) => {
      const button = el(
        'button',
        { class: 'search-item', attrs: { type: 'button' } },
        el('strong', { text: state.row.symbol }),
        el('span', { class: 'muted', text: `${state.row.asset_class} · ${state.row.calendar}` }),
      );
      button.addEventListener('click', () => this.#choose(state.row.symbol));
      return el('li', {}, button);
    });
    const none = el('li', {
      class: 'muted',
      text: `No symbol with "${this.#input.value}" in this run. Add it with --symbols at start.`,
    });
    this.#list.replaceChildren(...(items.length === 0 ? [none] : items));
  }
}
