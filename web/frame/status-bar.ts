import type { RunStatus } from '../../src/api/protocol/index.ts';
import type { AppContext } from '../app-context.ts';
import { el, setAttr, setText } from '../dom/element.ts';
import { icon } from '../dom/icon.ts';
import { duration } from '../dom/number-text.ts';
import type { ConnectionState } from '../net/live-socket.ts';
import { ageText } from '../time/zone-clock.ts';

/** An engine further behind the clock than this is catching up, and the bar says so. */
const LATE_ENGINE_MS = 5_000;

/** The word for a run's mode, as it stands in the bar and across the chart. */
export function modeWord(run: RunStatus | undefined): string {
  if (run === undefined) return '…';
  if (run.mode !== 'replay') return run.mode.toUpperCase();
  return run.speed === null ? 'REPLAY max' : `REPLAY ${run.speed}x`;
}

/** The connection in words: what it is, and what happens next. */
export function connectionWords(state: ConnectionState, lastEventAgo: string | undefined, nowMs: number): string {
  const last = lastEventAgo === undefined ? '' : `, last event ${lastEventAgo}`;
  switch (state.kind) {
    case 'connecting':
      return 'connecting';
    case 'live':
      return 'connected';
    case 'reconnecting': {
      const seconds = Math.max(0, Math.ceil((state.nextAtMs - nowMs) / 1000));
      return `reconnecting, attempt ${state.attempt} in ${seconds} s${last}`;
    }
    case 'polling':
      return `WebSocket blocked, polling every ${state.everyMs / 1000} s`;
  }
}

function item(name: string, label: string): { readonly element: HTMLElement; readonly value: HTMLElement } {
  const value = el('span', { class: 'status-value' });
  const element = el(
    'span',
    { class: 'status-item', attrs: { 'data-item': name } },
    el('span', { class: 'status-label', text: label }),
    value,
  );
  return { element, value };
}

/** The bar on top: always there, always in this order. */
export class StatusBar {
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #mode = el('span', { class: 'mode', attrs: { 'data-item': 'mode' } });
  readonly #connection = el('span', { class: 'connection', attrs: { 'data-item': 'connection' } });
  readonly #connectionDot = el('span', { class: 'connection-dot', attrs: { 'aria-hidden': 'true' } });
  readonly #connectionText = el('span');
  readonly #time = item('engine-time', 'engine');
  readonly #lag = item('lag', 'lag');
  readonly #stale = item('stale', 'stale');
  readonly #breakers = item('breakers', 'breakers open');
  readonly #training = item('training', 'training');
  readonly #digest = item('digest', 'digest');
  readonly #events = el('button', {
    class: 'button quiet events-button',
    title: 'Events (n)',
    attrs: { type: 'button', 'aria-label': 'Events', 'aria-controls': 'events', 'aria-expanded': 'false' },
  });
  readonly #unseen = el('span');
  #seenVersion = 0;
  readonly #paused = el('button', { class: 'paused-chip', attrs: { type: 'button', hidden: '' } });

  constructor(
    context: AppContext,
    actions: { readonly search: () => void; readonly pause: () => void; readonly drawer: () => void },
  ) {
    this.#context = context;
    this.#connection.append(this.#connectionDot, this.#connectionText);
    this.#paused.addEventListener('click', actions.pause);
    const search = el(
      'button',
      {
        class: 'button quiet search-button',
        attrs: { type: 'button', 'aria-keyshortcuts': '/', 'data-item': 'search' },
      },
      icon('search', 16),
      el('span', { text: 'Search' }),
      el('kbd', { text: '/', attrs: { 'aria-hidden': 'true' } }),
    );
    search.addEventListener('click', actions.search);
    this.element = el(
      'header',
      { class: 'status-bar', attrs: { 'aria-label': 'State of this run' } },
      this.#mode,
      this.#connection,
      this.#time.element,
      this.#lag.element,
      this.#stale.element,
      this.#breakers.element,
      this.#training.element,
      this.#digest.element,
      el('span', { class: 'status-space' }),
      this.#paused,
      search,
      this.#events,
    );
    this.#events.append(icon('events', 16), this.#unseen);
    this.#events.addEventListener('click', actions.drawer);
  }

  /** The drawer was opened or closed; open means that everything is seen. */
  setDrawerOpen(isOpen: boolean): void {
    this.#events.setAttribute('aria-expanded', String(isOpen));
    this.#seenVersion = this.#context.store.log.added;
  }

  paint(nowMs: number): void {
    const { store, socket, inbox } = this.#context;
    const run = store.run;
    setText(this.#mode, modeWord(run));
    setAttr(this.#mode, 'data-mode', run?.mode ?? 'unknown');
    setAttr(this.element, 'data-mode', run?.mode ?? 'unknown');
    const lastFrame = socket.lastFrameAtMs;
    const ago =
      lastFrame === undefined ? undefined : `${ageText(nowMs - lastFrame)} ago`.replace('now ago', 'just now');
    setText(this.#connectionText, connectionWords(socket.state, ago, nowMs));
    setAttr(this.#connection, 'data-kind', socket.state.kind);
    const isConnected = socket.state.kind === 'live' || socket.state.kind === 'polling';
    // The clock must not run on while nothing confirms it: an engine that is away has no time.
    const engineMs = isConnected ? store.clock.nowMs(nowMs) : undefined;
    setText(this.#time.value, engineMs === undefined ? '–' : this.#context.zoneClock().timeWithZone(engineMs));
    setText(this.#lag.value, run?.lag_ms == null ? '–' : duration(run.lag_ms / 1000));
    setAttr(this.#lag.element, 'data-warn', (run?.lag_ms ?? 0) > LATE_ENGINE_MS ? 'true' : undefined);
    const stale = store.staleCount(nowMs);
    setText(this.#stale.value, `${stale}/${store.symbols.size}`);
    setAttr(this.#stale.element, 'data-warn', stale > 0 ? 'true' : undefined);
    setText(this.#breakers.value, run === undefined ? '–' : String(run.breakers_open));
    setAttr(this.#breakers.element, 'data-warn', (run?.breakers_open ?? 0) > 0 ? 'true' : undefined);
    setText(this.#training.value, run?.training ?? '–');
    setText(this.#digest.value, run === undefined || run.digest === '' ? '–' : run.digest.slice(0, 8));
    setAttr(this.#digest.element, 'title', run === undefined ? undefined : `run ${run.run_id}, digest ${run.digest}`);
    if (this.#events.getAttribute('aria-expanded') === 'true') this.#seenVersion = store.log.added;
    const unseen = store.log.added - this.#seenVersion;
    setText(this.#unseen, unseen === 0 ? '' : unseen > 99 ? '99+' : String(unseen));
    setAttr(this.#events, 'aria-label', unseen === 0 ? 'Events' : `Events, ${unseen} new`);
    this.#paused.hidden = !inbox.isPaused;
    if (inbox.isPaused) setText(this.#paused, `paused, ${inbox.behind} events behind`);
  }
}
