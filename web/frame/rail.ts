import { el, setAttr } from '../dom/element.ts';
import { type IconName, icon } from '../dom/icon.ts';

/** One place of the rail. */
export interface RailItem {
  readonly address: string;
  readonly label: string;
  /** Label on the phone's bottom bar, when it is another one. */
  readonly shortLabel?: string;
  readonly icon: IconName;
  readonly keys: string;
  /** Shown on the phone's bottom bar; the others are under More. */
  readonly onPhone: boolean;
}

/** The screens that there are. */
export const RAIL_ITEMS: readonly RailItem[] = [
  { address: '/overview', label: 'Overview', icon: 'overview', keys: 'g o', onPhone: true },
  { address: '/s', label: 'Symbol', shortLabel: 'Chart', icon: 'symbol', keys: 'g s', onPhone: true },
  { address: '/signals', label: 'Signals', icon: 'signals', keys: 'g p', onPhone: true },
  { address: '/alerts', label: 'Alerts', icon: 'alerts', keys: 'g a', onPhone: true },
  { address: '/sources', label: 'Sources', icon: 'sources', keys: 'g r', onPhone: false },
  { address: '/data', label: 'Data', icon: 'data', keys: 'g d', onPhone: false },
  { address: '/system', label: 'System', icon: 'system', keys: 'g y', onPhone: false },
  { address: '/settings', label: 'Settings', icon: 'settings', keys: 'g ,', onPhone: false },
  { address: '/about', label: 'About', icon: 'about', keys: 'g b', onPhone: false },
];

/** Left rail on wide screens, bottom bar on phones: the same links, with icons and words. */
export class Rail {
  readonly element: HTMLElement;
  readonly #links = new Map<string, HTMLAnchorElement>();
  readonly #more: HTMLButtonElement;

  constructor() {
    const links = RAIL_ITEMS.map((entry) => {
      const link = el(
        'a',
        {
          class: `rail-link${entry.onPhone ? '' : ' phone-more'}`,
          title: `${entry.label} (${entry.keys})`,
          attrs: { href: `#${entry.address}` },
        },
        icon(entry.icon, 20),
        el('span', { class: entry.shortLabel === undefined ? '' : 'wide-label', text: entry.label }),
        entry.shortLabel === undefined
          ? undefined
          : el('span', { class: 'phone-label', text: entry.shortLabel, attrs: { 'aria-hidden': 'true' } }),
      );
      this.#links.set(entry.address, link);
      return link;
    });
    this.#more = el(
      'button',
      { class: 'rail-link rail-more', attrs: { type: 'button', 'aria-expanded': 'false' } },
      icon('more', 20),
      el('span', { text: 'More' }),
    );
    this.#more.addEventListener('click', () => this.#toggleMore(this.#more.getAttribute('aria-expanded') !== 'true'));
    this.element = el(
      'nav',
      { class: 'rail', attrs: { 'aria-label': 'Screens' } },
      el('span', { class: 'brand', text: 'Tickloom' }),
      ...links,
      this.#more,
    );
  }

  /** Marks where the person is. */
  select(address: string): void {
    for (const [candidate, link] of this.#links) {
      setAttr(link, 'aria-current', address === candidate || address.startsWith(`${candidate}/`) ? 'page' : undefined);
    }
    this.#toggleMore(false);
  }

  #toggleMore(isOpen: boolean): void {
    this.#more.setAttribute('aria-expanded', String(isOpen));
    this.element.classList.toggle('more-open', isOpen);
  }
}
