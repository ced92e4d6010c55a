import type { AppContext } from '../app-context.ts';
import { el, setAttr, setText } from '../dom/element.ts';
import { fixed, signed } from '../dom/number-text.ts';
import type { Freshness } from '../state/freshness.ts';
import type { SymbolState } from '../state/symbol-state.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { ageText, type ZoneClock } from '../time/zone-clock.ts';

/** Name, last price, change and freshness of the open symbol. */
export class SymbolHeader {
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #name = el('h1', { class: 'symbol-name' });
  readonly #last = el('span', { class: 'symbol-last' });
  readonly #change = el('span', { class: 'symbol-change' });
  readonly #badge = el('span', { class: 'state-badge' });

  constructor(context: AppContext) {
    this.#context = context;
    this.element = el('div', { class: 'symbol-head' }, this.#name, this.#last, this.#change, this.#badge);
  }

  /** Paints the header and says how fresh the symbol is. */
  paint(state: SymbolState | undefined, clock: ZoneClock, nowMs: number): Freshness {
    if (state === undefined) {
      setText(this.#name, this.#context.selection.symbol ?? 'Symbol');
      return 'none';
    }
    const { store } = this.#context;
    setText(this.#name, state.row.symbol);
    setText(this.#last, fixed(state.last, state.digits));
    const { change, changeRatio } = state;
    const percent = changeRatio === undefined ? '' : ` (${fixed(Math.abs(changeRatio) * 100, 2)} %)`;
    setText(this.#change, `${signed(change, state.digits)}${percent}`);
    const tone = change === undefined || change === 0 ? 'flat' : change > 0 ? 'up' : 'down';
    setAttr(this.#change, 'class', `symbol-change ${tone}`);
    const fresh = store.freshness(state, nowMs);
    setText(this.#badge, badgeWords(state, fresh, store.ageMs(state, nowMs), clock));
    setAttr(this.#badge, 'data-state', fresh);
    return fresh;
  }
}

function badgeWords(state: SymbolState, fresh: Freshness, ageMs: number | undefined, clock: ZoneClock): string {
  const ago = ageMs === undefined ? '' : ageMs < 1_000 ? 'just now' : `${ageText(ageMs)} ago`;
  if (fresh === 'live') return `live, ${ago}`;
  if (fresh === 'none' || state.lastEventMs === undefined) return 'waiting for the first event';
  const last = `last ${clock.timeWithZone(state.lastEventMs)}, ${ago}`;
  const next = state.row.session.next_change;
  if (fresh !== 'closed' || next === null) return `${fresh}, ${last}`;
  const nextMs = epochMs(next);
  return `closed, ${last}; opens ${clock.day(nextMs)} ${clock.minute(nextMs)} ${clock.name(nextMs)}`;
}
