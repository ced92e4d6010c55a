import type { AlertEvent } from '../../src/api/protocol/index.ts';
import type { AppContext } from '../app-context.ts';
import { el, setText } from '../dom/element.ts';
import { icon } from '../dom/icon.ts';
import { isAlertWanted, LEVEL_SIGNS } from '../state/alert-filter.ts';
import { epochMs } from '../time/chart-seconds.ts';

/** Pop-ups at once; of more, only how many. */
const STACKED = 3;
const SHOWN_MS = 9_000;
/** What is older than this when it comes (after a reconnect, say) is in the list and pops up no more. */
const FRESH_MS = 60_000;

/** Alerts that pop up, at the left so that the newest bar stays in view: three at most, then a count. */
export class PopUps {
  readonly element = el('div', { class: 'pop-ups', attrs: { role: 'group', 'aria-label': 'New alerts' } });
  readonly #context: AppContext;
  readonly #list = el('ol');
  readonly #more = el('a', { class: 'pop-more', attrs: { href: '#/alerts', hidden: '' } });
  #left = 0;
  /** The level before pop-ups were switched off by key. */
  #levelBefore: 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL' = 'HIGH';

  constructor(context: AppContext) {
    this.#context = context;
    this.element.append(this.#list, this.#more);
  }

  /** Shows what came since the last call and is wanted. */
  take(nowMs: number): void {
    const engineMs = this.#context.store.clock.nowMs(nowMs);
    const wanted = this.#context.store.statements.takeFresh().filter((alert) => {
      const isFresh = engineMs === undefined || engineMs - epochMs(alert.timestamp) < FRESH_MS;
      return isFresh && this.#isWanted(alert);
    });
    if (wanted.length === 0) return;
    for (const alert of wanted) this.#add(alert);
    const last = wanted.at(-1);
    const others = wanted.length > 1 ? ` and ${wanted.length - 1} more` : '';
    this.#context.announce(`Alert, ${last?.level}: ${last?.symbol ?? ''} ${last?.kind ?? ''}${others}`);
  }

  /** Switches pop-ups off, and on again as they were. */
  toggleMute(): void {
    const { popUpLevel } = this.#context.settings.current;
    const isOn = popUpLevel !== 'off';
    if (isOn) this.#levelBefore = popUpLevel;
    this.#context.settings.change({ popUpLevel: isOn ? 'off' : this.#levelBefore });
    this.#context.announce(isOn ? 'Pop-ups off' : `Pop-ups from level ${this.#levelBefore}`);
    if (isOn) this.#clear();
  }

  #isWanted(alert: AlertEvent): boolean {
    const { popUpLevel, popUpKind, popUpSymbols } = this.#context.settings.current;
    if (popUpLevel === 'off') return false;
    const symbol = popUpSymbols === 'open' ? (this.#context.selection.symbol ?? '') : '';
    return isAlertWanted(alert, { level: popUpLevel, kind: popUpKind, symbol });
  }

  #add(alert: AlertEvent): void {
    while (this.#list.childElementCount >= STACKED) {
      this.#list.firstElementChild?.remove();
      this.#left += 1;
    }
    const clock = this.#context.zoneClock(alert.symbol);
    const close = el(
      'button',
      { class: 'icon-button', attrs: { type: 'button', 'aria-label': `Dismiss: ${alert.message}` } },
      icon('close', 14),
    );
    const why = el('button', { class: 'button quiet', text: 'Explain', attrs: { type: 'button' } });
    const item = el(
      'li',
      { class: `pop-up level-${alert.level.toLowerCase()}` },
      el(
        'div',
        { class: 'pop-head' },
        el('strong', { text: `${LEVEL_SIGNS[alert.level]} ${alert.level}` }),
        alert.symbol === undefined
          ? undefined
          : el('a', { text: alert.symbol, attrs: { href: `#/s/${encodeURIComponent(alert.symbol)}` } }),
        el('time', { text: clock.timeWithZone(epochMs(alert.timestamp)) }),
        close,
      ),
      el('p', { text: `${alert.message}${alert.timeframe === undefined ? '' : ` (${alert.timeframe})`}` }),
      alert.id === undefined ? undefined : why,
    );
    why.addEventListener('click', () => alert.id !== undefined && this.#context.explain(alert.id));
    close.addEventListener('click', () => this.#remove(item));
    // Nothing vanishes under the pointer or the focus.
    const leave = (): void => {
      if (item.matches(':hover') || item.contains(document.activeElement)) window.setTimeout(leave, SHOWN_MS);
      else this.#remove(item);
    };
    window.setTimeout(leave, SHOWN_MS);
    this.#list.append(item);
    this.#paintMore();
  }

  #remove(item: HTMLElement): void {
    item.remove();
    if (this.#list.childElementCount === 0) this.#left = 0;
    this.#paintMore();
  }

  #clear(): void {
    this.#list.replaceChildren();
    this.#left = 0;
    this.#paintMore();
  }

  #paintMore(): void {
    this.#more.hidden = this.#left === 0;
    setText(this.#more, `and ${this.#left} more: Alerts`);
  }
}
