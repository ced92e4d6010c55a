import type { AppContext } from '../app-context.ts';
import { el, setText } from '../dom/element.ts';
import { icon } from '../dom/icon.ts';
import type { LogKind } from '../state/event-log.ts';
import type { ZoneClock } from '../time/zone-clock.ts';

const KIND_WORDS: { readonly [K in LogKind]: string } = {
  gap: 'gap',
  revision: 'revised',
  connection: 'connection',
  alert: 'alert',
};

/** Puts times of a log text, written as `{milliseconds}`, into the zone of the reader. */
export function localizeTimes(text: string, clock: ZoneClock): string {
  return text.replace(/\{(\d+)\}/g, (_, ms: string) => clock.timeWithZone(Number(ms)));
}

/** What happened lately, newest first, on the right of the page. */
export class EventDrawer {
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #list = el('ol', { class: 'drawer-list', attrs: { tabindex: '0', 'aria-label': 'Events, newest first' } });
  readonly #empty = el('p', { class: 'muted drawer-empty' });
  readonly #count = el('span', { class: 'muted' });
  #drawnVersion = -1;
  #drawnZone = '';

  constructor(context: AppContext, close: () => void) {
    this.#context = context;
    const button = el(
      'button',
      { class: 'icon-button', title: 'Close events (n)', attrs: { type: 'button', 'aria-label': 'Close events' } },
      icon('close', 16),
    );
    button.addEventListener('click', close);
    this.element = el(
      'aside',
      { class: 'drawer', id: 'events', attrs: { 'aria-label': 'Events' } },
      el('div', { class: 'drawer-head' }, el('h2', { text: 'Events' }), this.#count, button),
      this.#empty,
      this.#list,
    );
    this.#empty.textContent = 'Nothing yet. Gaps, repairs, revised bars and lost connections appear here.';
  }

  paint(): void {
    const { log } = this.#context.store;
    const clock = this.#context.zoneClock();
    if (log.version === this.#drawnVersion && clock.zone === this.#drawnZone) return;
    this.#drawnVersion = log.version;
    this.#drawnZone = clock.zone;
    this.#empty.hidden = log.lines.length > 0;
    setText(this.#count, log.droppedOldest > 0 ? `${log.droppedOldest} older dropped` : '');
    this.#list.replaceChildren(
      ...log.lines.slice(0, 80).map((line) =>
        el(
          'li',
          { class: `event event-${line.kind}` },
          el(
            'div',
            { class: 'event-head' },
            el('span', { class: `badge badge-${line.kind}`, text: KIND_WORDS[line.kind] }),
            line.symbol === undefined
              ? undefined
              : el('a', {
                  class: 'event-symbol',
                  text: line.symbol,
                  attrs: { href: `#/s/${encodeURIComponent(line.symbol)}` },
                }),
            el('time', {
              text: clock.timeWithZone(line.timeMs),
              attrs: { datetime: new Date(line.timeMs).toISOString() },
            }),
          ),
          el('p', { text: localizeTimes(line.text, clock) }),
        ),
      ),
    );
  }
}
