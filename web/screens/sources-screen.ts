import type { SourceList, SourceRow } from '../../src/api/protocol/index.ts';
import type { AppContext, Screen } from '../app-context.ts';
import { el, setAttr, setText } from '../dom/element.ts';
import { icon } from '../dom/icon.ts';
import { LiveTable } from '../dom/live-table.ts';
import { duration, fixed, NO_VALUE } from '../dom/number-text.ts';
import { emptyPanel, panel, skeleton } from '../dom/state-panel.ts';
import { api } from '../net/api-client.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { ageText } from '../time/zone-clock.ts';
import { PolledPart } from './polled-part.ts';

const ROLE_WORDS = { serving: 'serving', stand_by: 'stand-by', failed: '■ failed' } as const;
const BREAKER_WORDS = { closed: 'closed', open: 'OPEN', half_open: 'half open' } as const;

/** One row per source: is it well, how fast, and what went wrong last, in words. */
export class SourcesScreen implements Screen {
  readonly title = 'Sources';
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #place = el('div', {}, skeleton(3));
  readonly #outages = el('ol', { class: 'outages' });
  readonly #age = el('p', { class: 'muted panel-note' });
  readonly #table: LiveTable<SourceRow>;
  readonly #polled: PolledPart<SourceList>;
  #rows: readonly SourceRow[] = [];
  #nowMs = Date.now();

  constructor(context: AppContext) {
    this.#context = context;
    this.#table = this.#makeTable();
    this.#polled = new PolledPart(context, this.#place, 2_000, api.sources, (list) => this.#show(list));
    this.element = el(
      'div',
      { class: 'screen sources' },
      el('h1', { class: 'screen-title', text: 'Sources' }),
      panel('State', this.#age, this.#place),
      panel('Outages', this.#outages),
    );
  }

  mount(): void {
    this.#polled.start();
  }

  unmount(): void {
    this.#polled.stop();
  }

  paint(nowMs: number): void {
    this.#nowMs = nowMs;
    const answered = this.#polled.answeredAtMs;
    setText(
      this.#age,
      answered === undefined ? '' : `read ${ageText(nowMs - answered)} ago`.replace('now ago', 'just now'),
    );
    if (this.#rows.length > 0) this.#table.update(this.#rows, nowMs);
  }

  key(event: KeyboardEvent): boolean {
    if (event.key !== 'j' && event.key !== 'k') return false;
    this.#table.focusRow(event.key === 'j' ? 1 : -1);
    return true;
  }

  #show(list: SourceList): void {
    this.#rows = list.sources;
    if (list.sources.length === 0) {
      const advice = 'This run has no source. Start one:';
      this.#place.replaceChildren(emptyPanel('No sources', advice, 'npx tickloom start --source demo', 'sources'));
      return;
    }
    if (this.#table.element.parentElement === null) this.#place.replaceChildren(this.#table.element);
    this.#context.requestPaint();
    this.#showOutages();
  }

  #showOutages(): void {
    const clock = this.#context.zoneClock();
    const all = this.#rows.flatMap((row) => row.outages.map((outage) => ({ id: row.id, ...outage })));
    all.sort((a, b) => epochMs(b.from) - epochMs(a.from));
    const items = all.slice(0, 30).map((outage) => {
      const fromMs = epochMs(outage.from);
      const length = outage.to === null ? 'still away' : `for ${duration((epochMs(outage.to) - fromMs) / 1000)}`;
      return el(
        'li',
        {},
        el('strong', { text: outage.id }),
        ` from ${clock.full(fromMs)}, ${length}: ${outage.reason}`,
      );
    });
    this.#outages.replaceChildren(
      ...(items.length > 0 ? items : [el('li', { class: 'muted', text: 'No outage in this run.' })]),
    );
  }

  #makeTable(): LiveTable<SourceRow> {
    const ageOf = (at: string | null): string => {
      const engineMs = this.#context.store.clock.nowMs(this.#nowMs);
      return at === null || engineMs === undefined ? NO_VALUE : ageText(Math.max(0, engineMs - epochMs(at)));
    };
    return new LiveTable<SourceRow>({
      caption: 'Sources of this run',
      class: 'sources-table',
      keyOf: (row) => row.id,
      rowState: (row) => (row.state === 'live' ? 'live' : row.state),
      columns: [
        { id: 'id', label: 'Source', isRowHeader: true, text: (row) => row.id },
        { id: 'state', label: 'State', widget: () => sourceStateWidget() },
        {
          id: 'role',
          label: 'Role',
          text: (row) => (row.role === 'serving' ? `serving ${fixed(row.serves, 0)}` : ROLE_WORDS[row.role]),
          title: () => 'serving: its data of so many symbols is used now; stand-by: ready to take over',
        },
        { id: 'takeovers', label: 'Took over', align: 'right', text: (row) => fixed(row.take_overs, 0) },
        {
          id: 'breaker',
          label: 'Breaker',
          text: (row) => BREAKER_WORDS[row.breaker],
          tone: (row) => (row.breaker === 'closed' ? '' : 'critical-text'),
        },
        { id: 'rate', label: 'Events/s', align: 'right', text: (row) => fixed(row.events_per_s, 1), tint: true },
        {
          id: 'lag',
          label: 'Lag',
          align: 'right',
          text: (row) => (row.lag_ms === null ? NO_VALUE : duration(row.lag_ms / 1000)),
        },
        {
          id: 'skew',
          label: 'Clock skew',
          align: 'right',
          text: (row) => (row.clock_skew_ms === null ? NO_VALUE : `${fixed(row.clock_skew_ms, 0)} ms`),
          title: () => 'Shortest time from event to receipt lately; below zero its clock is ahead of ours',
        },
        { id: 'age', label: 'Age', align: 'right', text: (row) => ageOf(row.last_event_at) },
        { id: 'symbols', label: 'Symbols', align: 'right', text: (row) => fixed(row.symbols, 0) },
        {
          id: 'quota',
          label: 'Quota left',
          align: 'right',
          text: (row) =>
            row.quota === null
              ? 'no limit'
              : `${fixed(row.quota.left, 0)}/${fixed(row.quota.limit, 0)} per ${row.quota.window}`,
        },
        { id: 'reconnects', label: 'Reconnects', align: 'right', text: (row) => fixed(row.reconnects, 0) },
        {
          id: 'error',
          label: 'Last error',
          text: (row) =>
            row.last_error === null ? 'none' : `${row.last_error.message}, ${ageOf(row.last_error.at)} ago`,
          title: (row) => row.last_error?.code ?? '',
        },
      ],
    });
  }
}

function sourceStateWidget(): { readonly element: Element; update(row: SourceRow): void } {
  const element = el('span', { class: 'state-badge' });
  let drawn = '';
  return {
    element,
    update: (row) => {
      if (drawn === row.state) return;
      drawn = row.state;
      setAttr(element, 'data-state', row.state);
      const isWell = row.state === 'live' || row.state === 'disabled' || row.state === 'connecting';
      element.replaceChildren(...(isWell ? [] : [icon('warning', 14)]), row.state);
    },
  };
}
