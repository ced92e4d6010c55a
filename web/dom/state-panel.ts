import { el } from './element.ts';
import { type IconName, icon } from './icon.ts';

/** A place without data that says why, and what to do about it. */
export function emptyPanel(cause: string, advice: string, command?: string, name: IconName = 'data'): HTMLElement {
  return el(
    'div',
    { class: 'state-panel empty' },
    icon(name, 28),
    el('p', { class: 'state-cause', text: cause }),
    el('p', { class: 'state-advice', text: advice }),
    command === undefined ? undefined : el('code', { text: command }),
  );
}

/** Grey bars of the size of what will come, so that nothing jumps when it does. */
export function skeleton(rows: number): HTMLElement {
  const lines = Array.from({ length: rows }, () => el('div', { class: 'skeleton-line' }));
  return el('div', { class: 'skeleton', attrs: { 'aria-busy': 'true', 'aria-label': 'Loading' } }, ...lines);
}

/** A failure in a sentence, with its code and a way to try again. */
export function errorPanel(message: string, code: string, retry: () => void): HTMLElement {
  const copy = el('button', { class: 'button quiet', text: 'Copy', attrs: { type: 'button' } });
  copy.addEventListener('click', () => void navigator.clipboard.writeText(`${code}: ${message}`));
  const again = el('button', { class: 'button', text: 'Try again', attrs: { type: 'button' } });
  again.addEventListener('click', retry);
  return el(
    'div',
    { class: 'state-panel error', attrs: { role: 'group', 'aria-label': 'Error' } },
    icon('warning', 28),
    el('p', { class: 'state-cause', text: message }),
    el('p', { class: 'state-advice' }, 'Code ', el('code', { text: code })),
    el('p', { class: 'button-row' }, again, copy),
  );
}

/** A titled part of a screen. */
export function panel(title: string, ...content: readonly (Node | undefined)[]): HTMLElement {
  return el(
    'section',
    { class: 'panel', attrs: { 'aria-label': title } },
    el('h2', { class: 'panel-title', text: title }),
    ...content,
  );
}
