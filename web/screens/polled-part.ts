import type { AppContext } from '../app-context.ts';
import { errorPanel } from '../dom/state-panel.ts';
import { ApiError } from '../net/api-client.ts';

/**
 * A part of a screen that is read by HTTP on a beat while it is mounted: one request in flight, the old values
 * stay while a new round fails, and a first round that fails gives an error with a way to try again.
 */
export class PolledPart<T> {
  readonly #context: AppContext;
  readonly #read: () => Promise<T>;
  readonly #show: (value: T) => void;
  readonly #place: HTMLElement;
  readonly #everyMs: number;
  #timer: number | undefined;
  #isReading = false;
  #hasValue = false;
  /** Local time of the newest answer. */
  answeredAtMs: number | undefined;

  constructor(
    context: AppContext,
    place: HTMLElement,
    everyMs: number,
    read: () => Promise<T>,
    show: (value: T) => void,
  ) {
    this.#context = context;
    this.#place = place;
    this.#everyMs = everyMs;
    this.#read = read;
    this.#show = show;
  }

  start(): void {
    void this.readNow();
    this.#timer = window.setInterval(() => {
      if (!document.hidden && !this.#context.inbox.isPaused) void this.readNow();
    }, this.#everyMs);
  }

  stop(): void {
    window.clearInterval(this.#timer);
  }

  async readNow(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      const value = await this.#read();
      this.answeredAtMs = Date.now();
      this.#hasValue = true;
      this.#show(value);
    } catch (error) {
      if (!this.#hasValue) {
        const message = error instanceof Error ? error.message : String(error);
        const code = error instanceof ApiError ? error.code : 'page_error';
        this.#place.replaceChildren(errorPanel(message, code, () => void this.readNow()));
      }
    } finally {
      this.#isReading = false;
    }
  }
}
