import { el } from '../dom/element.ts';
import { ApiError } from '../net/api-client.ts';

/** A failure that concerns the whole page: a sentence, its code, and a way to try again. */
export class NoticeBar {
  readonly element = el('div', { class: 'notice-bar', attrs: { hidden: '' } });

  show(error: unknown, retry?: () => void): void {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof ApiError ? ` (${error.code})` : '';
    const dismiss = el('button', { class: 'button quiet', text: 'Dismiss', attrs: { type: 'button' } });
    dismiss.addEventListener('click', () => this.#hide());
    const again = el('button', { class: 'button', text: 'Try again', attrs: { type: 'button' } });
    again.addEventListener('click', () => {
      this.#hide();
      retry?.();
    });
    const buttons = retry === undefined ? [dismiss] : [again, dismiss];
    this.element.replaceChildren(el('span', { text: `${message}${code}`, attrs: { role: 'alert' } }), ...buttons);
    this.element.hidden = false;
  }

  #hide(): void {
    this.element.hidden = true;
    this.element.replaceChildren();
  }
}
