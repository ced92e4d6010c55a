import type { BreakRequest } from '../../src/api/protocol/index.ts';
import type { AppContext } from '../app-context.ts';
import { el, setText } from '../dom/element.ts';
import { panel } from '../dom/state-panel.ts';
import { localizeTimes } from '../frame/event-drawer.ts';
import { api } from '../net/api-client.ts';
import type { LogLine } from '../state/event-log.ts';

const BUTTONS: readonly { readonly label: string; readonly request: BreakRequest; readonly hint: string }[] = [
  { label: 'Cut the feed 10 s', request: { action: 'cut', seconds: 10 }, hint: 'gap, repair, revised bars' },
  { label: 'Late trade', request: { action: 'late_trade' }, hint: 'a closed bar gets a new revision' },
  { label: 'Duplicate storm', request: { action: 'duplicate_storm' }, hint: 'nothing is counted twice' },
];

const SHOWN_LINES = 8;
const CROWD = 4;
/** Short bars close soonest: what a fault did is seen on them first. */
const WATCHED_TIMEFRAME = '1s';
const WATCH_MS = 90_000;
const SUBSCRIPTION = 'break';

/** "Break it yourself" (BEY-17): three ways to hurt the run, and what the run did about it, as it happens. */
export class BreakPanel {
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #result = el('p', { class: 'break-result' });
  readonly #digest = el('p', { class: 'break-digest' });
  readonly #steps = el('ol', { class: 'break-steps' });
  readonly #buttons: readonly HTMLButtonElement[];
  #startedAtVersion: number | undefined;
  #seenBefore = new Set<string>();
  #drawnVersion = -1;
  #watchTimer: number | undefined;

  constructor(context: AppContext) {
    this.#context = context;
    this.#buttons = BUTTONS.map((entry) => {
      const button = el(
        'button',
        { class: 'button break-button', attrs: { type: 'button', 'data-action': entry.request.action } },
        el('strong', { text: entry.label }),
        el('span', { class: 'muted', text: entry.hint }),
      );
      button.addEventListener('click', () => void this.#break(entry.request));
      return button;
    });
    this.element = panel(
      'Break it yourself',
      el('div', { class: 'break-buttons' }, ...this.#buttons),
      this.#result,
      this.#steps,
      this.#digest,
    );
    this.element.classList.add('break-panel');
    this.element.hidden = true;
  }

  /** Shows the panel where the run offers it, and what happened since the last button. */
  paint(): void {
    const { store } = this.#context;
    this.element.hidden = store.run?.can_break !== true;
    if (this.#startedAtVersion === undefined || store.log.version === this.#drawnVersion) return;
    this.#drawnVersion = store.log.version;
    const clock = this.#context.zoneClock();
    // Alerts about a symbol (a pattern, silence during the cut) would crowd the steps out; Events has them.
    const isStep = ({ kind, symbol }: LogLine): boolean =>
      kind !== 'connection' && (kind !== 'alert' || symbol === undefined);
    const since = store.log.lines.filter((line) => !this.#seenBefore.has(line.key) && isStep(line));
    const told = withoutCrowd(since, this.#context.selection.symbol);
    const items = told
      .slice(0, SHOWN_LINES)
      .reverse()
      .map((line) => {
        const who = line.symbol === undefined ? '' : `${line.symbol}: `;
        return el('li', {}, `${who}${localizeTimes(line.text, clock)}`);
      });
    const symbols = new Set(since.filter((line) => line.kind === 'revision').map((line) => line.symbol));
    if (told.length < since.length)
      items.push(el('li', {}, `Bars of ${symbols.size} symbols were revised; Events has each`));
    this.#steps.replaceChildren(...items);
  }

  /** A way to the bars that show it best, when the chart shows others. */
  #watchLink(): readonly (Node | string)[] {
    const { selection, store } = this.#context;
    const isThere = store.timeframes.includes(WATCHED_TIMEFRAME) && selection.symbol !== undefined;
    if (!isThere || selection.timeframe === WATCHED_TIMEFRAME) return [];
    const href = `#/s/${encodeURIComponent(selection.symbol ?? '')}?tf=${WATCHED_TIMEFRAME}`;
    return [' ', el('a', { text: `Watch the ${WATCHED_TIMEFRAME} bars`, attrs: { href } })];
  }

  /** Listens to the shortest bars for a while, so that their revisions are told whatever the chart shows. */
  #watch(): void {
    const { store, socket } = this.#context;
    if (!store.timeframes.includes(WATCHED_TIMEFRAME) || store.tableTimeframe === WATCHED_TIMEFRAME) return;
    socket.subscribe(SUBSCRIPTION, { channels: ['bars'], timeframes: [WATCHED_TIMEFRAME] });
    window.clearTimeout(this.#watchTimer);
    this.#watchTimer = window.setTimeout(() => socket.unsubscribe(SUBSCRIPTION), WATCH_MS);
  }

  async #break(request: BreakRequest): Promise<void> {
    const { store } = this.#context;
    this.#seenBefore = new Set(store.log.lines.map((line) => line.key));
    this.#startedAtVersion = store.log.version;
    for (const button of this.#buttons) button.disabled = true;
    this.#watch();
    try {
      const result = await api.breakIt(request);
      this.#result.replaceChildren(result.detail, ...this.#watchLink());
      setText(
        this.#digest,
        result.digest_statement ??
          `Run digest now ${store.run?.digest.slice(0, 8) ?? '–'}. Prove it any time: tickloom verify --run latest`,
      );
      this.#context.announce(result.detail);
    } catch (error) {
      setText(this.#result, error instanceof Error ? error.message : String(error));
    } finally {
      for (const button of this.#buttons) button.disabled = false;
    }
  }
}

/** Many symbols are revised at once after a cut: then only those of the open symbol are told one by one. */
function withoutCrowd(lines: readonly LogLine[], symbol: string | undefined): readonly LogLine[] {
  if (lines.filter((line) => line.kind === 'revision').length <= CROWD) return lines;
  return lines.filter((line) => line.kind !== 'revision' || line.symbol === symbol);
}
