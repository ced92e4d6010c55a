import { el, setAttr } from '../dom/element.ts';

/** Minutes as TradingView's users type them. */
const BY_DIGITS: { readonly [digits: string]: string } = { '1': '1m', '5': '5m', '15': '15m', '30': '30m', '60': '1h' };

/** Buttons for the timeframes of the run, and digits followed by Enter. */
export class TimeframeStrip {
  readonly element = el('div', { class: 'timeframes', attrs: { role: 'group', 'aria-label': 'Timeframe' } });
  readonly #choose: (timeframe: string) => void;
  #available: readonly string[] = [];
  #digits = '';

  constructor(choose: (timeframe: string) => void) {
    this.#choose = choose;
  }

  update(available: readonly string[], selected: string): void {
    if (available.join() !== this.#available.join()) {
      this.#available = available;
      this.element.replaceChildren(
        ...available.map((timeframe) => {
          const button = el('button', { class: 'timeframe', text: timeframe, attrs: { type: 'button' } });
          button.addEventListener('click', () => this.#choose(timeframe));
          return button;
        }),
      );
    }
    for (const button of this.element.children) {
      setAttr(button, 'aria-pressed', String(button.textContent === selected));
    }
  }

  /** Takes digits and Enter; says whether the key was its own. */
  key(event: KeyboardEvent): boolean {
    if (/^\d$/.test(event.key)) {
      this.#digits = `${this.#digits}${event.key}`.slice(-3);
      return true;
    }
    const digits = this.#digits;
    this.#digits = '';
    const timeframe = BY_DIGITS[digits];
    if (event.key !== 'Enter' || timeframe === undefined || !this.#available.includes(timeframe)) return false;
    this.#choose(timeframe);
    return true;
  }
}
