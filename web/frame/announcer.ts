import { el, setText } from '../dom/element.ts';

const QUIET_MS = 5_000;

/**
 * The page's only status region. At most one message in five seconds: what comes in between is summed up, so that
 * a screen reader is told of the market without being drowned in it.
 */
export class Announcer {
  readonly element = el('div', {
    class: 'visually-hidden',
    id: 'status',
    attrs: { role: 'status', 'aria-live': 'polite' },
  });
  #waiting: string[] = [];
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #timer: number | undefined;

  say(text: string): void {
    this.#waiting.push(text);
    if (this.#timer !== undefined) return;
    const waitMs = Math.max(0, this.#lastAtMs + QUIET_MS - Date.now());
    this.#timer = window.setTimeout(() => this.#speak(), waitMs);
  }

  #speak(): void {
    this.#timer = undefined;
    const latest = this.#waiting[this.#waiting.length - 1];
    if (latest === undefined) return;
    const others = this.#waiting.length - 1;
    this.#waiting = [];
    this.#lastAtMs = Date.now();
    setText(this.element, others === 0 ? latest : `${latest}; and ${others} more messages`);
  }
}
