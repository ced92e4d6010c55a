import type { ClientMessage, DashboardChannel, ServerEvent } from '../../src/api/protocol/index.ts';

/** How the page is connected, as it is shown. */
export type ConnectionState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly nextAtMs: number }
  | { readonly kind: 'polling'; readonly everyMs: number };

/** One thing to listen to. Without symbols or timeframes: all of them. */
export interface Subscription {
  readonly channels: readonly DashboardChannel[];
  readonly symbols?: readonly string[];
  readonly timeframes?: readonly string[];
}

/** What the socket needs from the page. */
export interface LiveSocketPorts {
  readonly url: string;
  readonly onEvents: (events: readonly ServerEvent[]) => void;
  readonly onState: (state: ConnectionState) => void;
  /** Called when the socket opened again after a loss: what HTTP alone can tell has to be read anew. */
  readonly onReopened: () => void;
  /** One round of polling; resolves to whether the server answered. */
  readonly poll: () => Promise<boolean>;
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 10_000;
const SILENCE_BEFORE_PING_MS = 12_000;
const SILENCE_BEFORE_CLOSE_MS = 18_000;
const FAILURES_BEFORE_POLLING = 2;

/** How often the page polls while sockets do not get through. */
export const POLL_EVERY_MS = 5_000;

/**
 * The one WebSocket of the page: resumes with `since`, restores its subscriptions, backs off with jitter,
 * notices a socket that went mute, and falls back to polling after two sockets that never opened.
 */
export class LiveSocket {
  readonly #ports: LiveSocketPorts;
  #socket: WebSocket | undefined;
  readonly #subscriptions = new Map<string, Subscription>();
  #lastId: string | number | undefined;
  /** Local time of the newest frame, or undefined before the first. */
  lastFrameAtMs: number | undefined;
  #failures = 0;
  #hasBeenOpen = false;
  #retryTimer: number | undefined;
  #pollTimer: number | undefined;
  #state: ConnectionState = { kind: 'connecting' };

  constructor(ports: LiveSocketPorts) {
    this.#ports = ports;
    window.setInterval(() => this.#watch(), 1_000);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Opens the socket; from then on it looks after itself. */
  start(): void {
    this.#open();
  }

  /** Tries now instead of at the end of the wait. */
  retryNow(): void {
    if (this.#socket !== undefined) return;
    window.clearTimeout(this.#retryTimer);
    this.#open();
  }

  /** Listens under a name; the same name again replaces what was listened to before. */
  subscribe(name: string, subscription: Subscription): void {
    const before = this.#subscriptions.get(name);
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(subscription)) return;
    this.unsubscribe(name);
    this.#subscriptions.set(name, subscription);
    if (this.#isOpen()) this.#send({ action: 'subscribe', ...subscription });
  }

  /** Stops listening under that name. */
  unsubscribe(name: string): void {
    const subscription = this.#subscriptions.get(name);
    if (subscription === undefined) return;
    this.#subscriptions.delete(name);
    if (this.#isOpen()) this.#send({ action: 'unsubscribe', ...subscription });
  }

  #isOpen(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  #send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message));
  }

  #open(): void {
    const socket = new WebSocket(this.#ports.url);
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#failures = 0;
      this.lastFrameAtMs = Date.now();
      const since = this.#lastId === undefined ? {} : { since: this.#lastId };
      for (const subscription of this.#subscriptions.values()) {
        this.#send({ action: 'subscribe', ...subscription, ...since });
      }
      this.#stopPolling();
      this.#enter({ kind: 'live' });
      if (this.#hasBeenOpen) this.#ports.onReopened();
      this.#hasBeenOpen = true;
    };
    socket.onmessage = (message) => this.#receive(String(message.data));
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (!opened) this.#failures += 1;
      this.#afterLoss(opened);
    };
  }

  #receive(text: string): void {
    this.lastFrameAtMs = Date.now();
    const parsed = JSON.parse(text) as ServerEvent | readonly ServerEvent[];
    const events = Array.isArray(parsed) ? (parsed as readonly ServerEvent[]) : [parsed as ServerEvent];
    for (const event of events) {
      if (event.id !== undefined) this.#lastId = event.id;
      else if (event.type === 'hello' || event.type === 'resync') this.#lastId ??= event.last_id;
    }
    this.#ports.onEvents(events);
  }

  #afterLoss(wasOpen: boolean): void {
    const attempt = wasOpen ? 1 : this.#failures + 1;
    const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(8, attempt));
    // Jitter keeps the tabs of many people from returning to a restarted server in one instant.
    const waitMs = ceiling * (0.5 + Math.random() / 2);
    if (this.#state.kind !== 'polling') {
      this.#enter({ kind: 'reconnecting', attempt, nextAtMs: Date.now() + waitMs });
    }
    this.#retryTimer = window.setTimeout(() => this.#open(), waitMs);
    if (this.#failures >= FAILURES_BEFORE_POLLING && this.#pollTimer === undefined) {
      void this.#pollOnce();
      this.#pollTimer = window.setInterval(() => void this.#pollOnce(), POLL_EVERY_MS);
    }
  }

  async #pollOnce(): Promise<void> {
    const answered = await this.#ports.poll();
    if (this.#isOpen() || this.#pollTimer === undefined) return;
    if (answered) this.#enter({ kind: 'polling', everyMs: POLL_EVERY_MS });
    else if (this.#state.kind === 'polling') {
      this.#enter({ kind: 'reconnecting', attempt: this.#failures + 1, nextAtMs: Date.now() + POLL_EVERY_MS });
    }
  }

  #stopPolling(): void {
    window.clearInterval(this.#pollTimer);
    this.#pollTimer = undefined;
  }

  /** A half-open socket gives no close event: silence is the only sign. */
  #watch(): void {
    if (!this.#isOpen() || this.lastFrameAtMs === undefined) return;
    const silentMs = Date.now() - this.lastFrameAtMs;
    if (silentMs > SILENCE_BEFORE_CLOSE_MS) {
      const mute = this.#socket;
      this.#socket = undefined;
      mute?.close();
      this.#afterLoss(true);
    } else if (silentMs > SILENCE_BEFORE_PING_MS) {
      this.#send({ action: 'ping' });
    }
  }

  #enter(state: ConnectionState): void {
    this.#state = state;
    this.#ports.onState(state);
  }
}
