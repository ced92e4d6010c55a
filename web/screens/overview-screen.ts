import type { AppContext, Screen } from '../app-context.ts';
import { Sparkline } from '../chart/sparkline.ts';
import { el, setAttr, setText } from '../dom/element.ts';
import { icon } from '../dom/icon.ts';
import { type Column, LiveTable } from '../dom/live-table.ts';
import { fixed, NO_VALUE, signed } from '../dom/number-text.ts';
import { emptyPanel, panel, skeleton } from '../dom/state-panel.ts';
import type { Freshness } from '../state/freshness.ts';
import type { SymbolState } from '../state/symbol-state.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { ageText } from '../time/zone-clock.ts';

/** What is stale comes first; live and late share a place, so that rows do not jump with every tick. */
const RANK: { readonly [K in Freshness]: number } = { stale: 0, none: 1, late: 1, live: 1, closed: 2 };

const SESSION_WORDS = {
  open: 'open',
  pre: 'pre-market',
  post: 'after hours',
  closed: 'closed',
  always: '24/7',
} as const;

function directionTone(value: number | undefined): string {
  if (value === undefined || value === 0) return 'flat';
  return value > 0 ? 'up' : 'down';
}

/** The first screen: every symbol with how far its number can be trusted. */
export class OverviewScreen implements Screen {
  readonly title = 'Overview';
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #table: LiveTable<SymbolState>;
  readonly #tablePlace = el('div');
  readonly #sessions = el('ul', { class: 'session-list' });
  readonly #counts = el('dl', { class: 'tiles' });
  readonly #tiles = new Map<string, HTMLElement>();
  #nowMs = Date.now();

  constructor(context: AppContext) {
    this.#context = context;
    this.#table = new LiveTable<SymbolState>({
      caption: 'Symbols of this run',
      class: 'overview-table',
      columns: this.#columns(),
      keyOf: (state) => state.row.symbol,
      onOpen: (state) => context.navigate(`/s/${encodeURIComponent(state.row.symbol)}`),
      rowState: (state) => context.store.freshness(state, this.#nowMs),
      order: (a, b) => this.#rank(a) - this.#rank(b) || a.row.symbol.localeCompare(b.row.symbol),
    });
    this.#tablePlace.append(skeleton(8));
    for (const [id, label] of [
      ['live', 'live'],
      ['late', 'late'],
      ['stale', 'stale'],
      ['closed', 'closed'],
      ['rate', 'events/s'],
      ['events', 'events'],
      ['revised', 'revisions seen'],
      ['gaps', 'gaps open'],
    ] as const) {
      const value = el('dd', { attrs: { 'data-tile': id } });
      this.#tiles.set(id, value);
      this.#counts.append(el('div', { class: 'tile' }, el('dt', { text: label }), value));
    }
    this.element = el(
      'div',
      { class: 'screen overview' },
      el('h1', { class: 'visually-hidden', text: 'Overview' }),
      this.#counts,
      panel('Symbols', this.#tablePlace),
      panel('Markets', this.#sessions),
    );
  }

  mount(): void {}

  unmount(): void {}

  paint(nowMs: number): void {
    this.#nowMs = nowMs;
    const { store } = this.#context;
    if (!store.isListed) return;
    const states = [...store.symbols.values()];
    if (states.length === 0) {
      const advice = 'This run has no symbols. Start it with some:';
      this.#tablePlace.replaceChildren(
        emptyPanel('Nothing to show yet', advice, 'npx tickloom start --symbols AAPL,BTCUSD'),
      );
    } else {
      if (this.#table.element.parentElement === null) this.#tablePlace.replaceChildren(this.#table.element);
      this.#table.update(states, nowMs);
    }
    this.#paintTiles(states, nowMs);
    this.#paintSessions(states, nowMs);
  }

  key(event: KeyboardEvent): boolean {
    if (event.key !== 'j' && event.key !== 'k') return false;
    this.#table.focusRow(event.key === 'j' ? 1 : -1);
    return true;
  }

  #rank(state: SymbolState): number {
    return RANK[this.#context.store.freshness(state, this.#nowMs)];
  }

  #columns(): readonly Column<SymbolState>[] {
    return [
      {
        id: 'symbol',
        label: 'Symbol',
        isRowHeader: true,
        text: (s) => s.row.symbol,
        title: (s) => `${s.row.asset_class}, calendar ${s.row.calendar}, ${s.row.currency}`,
        compare: (a, b) => a.row.symbol.localeCompare(b.row.symbol),
      },
      {
        id: 'last',
        label: 'Last',
        align: 'right',
        text: (s) => fixed(s.last, s.digits),
        tint: true,
        compare: (a, b) => (a.last ?? 0) - (b.last ?? 0),
      },
      {
        id: 'change',
        label: 'Change',
        align: 'right',
        text: (s) => signed(s.changeRatio === undefined ? undefined : s.changeRatio * 100, 2, ' %'),
        tone: (s) => directionTone(s.change),
        title: (s) => `${signed(s.change, s.digits)} ${s.row.currency}`,
        compare: (a, b) => (a.changeRatio ?? 0) - (b.changeRatio ?? 0),
      },
      { id: 'spark', label: 'Last hour', widget: () => sparkWidget() },
      { id: 'state', label: 'State', widget: () => this.#stateWidget() },
      {
        id: 'age',
        label: 'Age',
        align: 'right',
        text: (s) => {
          const age = this.#context.store.ageMs(s, this.#nowMs);
          return age === undefined ? NO_VALUE : ageText(age);
        },
        title: (s) =>
          s.lastEventMs === undefined
            ? 'no event yet'
            : `last event ${this.#context.zoneClock(s.row.symbol).full(s.lastEventMs)}`,
        compare: (a, b) => (b.lastEventMs ?? 0) - (a.lastEventMs ?? 0),
      },
      {
        id: 'quality',
        label: 'Quality',
        align: 'right',
        text: (s) => fixed(s.quality, 2),
        tone: (s) => (s.quality !== undefined && s.quality < 0.8 ? 'low-quality' : ''),
        compare: (a, b) => (a.quality ?? 0) - (b.quality ?? 0),
      },
      { id: 'source', label: 'Source', text: (s) => s.source ?? NO_VALUE },
    ];
  }

  #stateWidget(): { readonly element: Element; update(state: SymbolState): void } {
    const element = el('span', { class: 'state-badge' });
    let drawn = '';
    return {
      element,
      update: (state) => {
        const { store } = this.#context;
        const fresh = store.freshness(state, this.#nowMs);
        const words = this.#stateWords(state, fresh);
        const key = `${fresh}|${words}`;
        if (key === drawn) return;
        drawn = key;
        setAttr(element, 'data-state', fresh);
        const name = fresh === 'stale' || fresh === 'late' ? 'clock' : fresh === 'closed' ? 'moon' : undefined;
        element.replaceChildren(...(name === undefined ? [] : [icon(name, 14)]), words);
      },
    };
  }

  #stateWords(state: SymbolState, fresh: Freshness): string {
    const clock = this.#context.zoneClock(state.row.symbol);
    const repair = this.#context.store.repairs.get(state.row.symbol);
    if (repair !== undefined) {
      return `backfilling ${repair.repaired}${repair.expected === null ? '' : ` of ${repair.expected}`}`;
    }
    switch (fresh) {
      case 'closed': {
        const next = state.row.session.next_change;
        if (next === null) return 'closed';
        const nextMs = epochMs(next);
        return `closed, opens ${clock.day(nextMs)} ${clock.minute(nextMs)} ${clock.name(nextMs)}`;
      }
      case 'none':
        return 'waiting for the first event';
      case 'stale':
        return state.lastEventMs === undefined ? 'stale' : `stale, last ${clock.timeWithZone(state.lastEventMs)}`;
      default:
        return fresh;
    }
  }

  #paintTiles(states: readonly SymbolState[], nowMs: number): void {
    const { store } = this.#context;
    const counts: { [K in Freshness]: number } = { live: 0, late: 0, stale: 0, closed: 0, none: 0 };
    for (const state of states) counts[store.freshness(state, nowMs)] += 1;
    const openGaps = [...store.gaps.values()].filter(
      (gap) => gap.state === 'open' || gap.state === 'backfilling',
    ).length;
    const values: { readonly [id: string]: string } = {
      live: String(counts.live),
      late: String(counts.late),
      stale: String(counts.stale),
      closed: String(counts.closed),
      rate: fixed(store.run?.events_per_s, 0),
      events: fixed(store.run?.events, 0),
      revised: String(store.revisionsSeen),
      gaps: String(openGaps),
    };
    for (const [id, tile] of this.#tiles) {
      setText(tile, values[id] ?? NO_VALUE);
      setAttr(tile, 'data-warn', (id === 'stale' || id === 'gaps') && values[id] !== '0' ? 'true' : undefined);
    }
  }

  #paintSessions(states: readonly SymbolState[], nowMs: number): void {
    const byCalendar = new Map<string, SymbolState>();
    for (const state of states) if (!byCalendar.has(state.row.calendar)) byCalendar.set(state.row.calendar, state);
    const engineMs = this.#context.store.clock.nowMs(nowMs);
    const lines = [...byCalendar.values()].map((state) => {
      const { session } = state.row;
      const clock = this.#context.zoneClock(state.row.symbol);
      const nextMs = session.next_change === null ? undefined : epochMs(session.next_change);
      const verb = session.state === 'closed' ? 'opens' : 'changes';
      const next =
        nextMs === undefined || engineMs === undefined
          ? ''
          : ` · ${verb} ${clock.day(nextMs)} ${clock.minute(nextMs)} ${clock.name(nextMs)}, in ${ageText(Math.max(0, nextMs - engineMs))}`;
      return `${state.row.calendar}: ${SESSION_WORDS[session.state]}${next}`;
    });
    while (this.#sessions.children.length > lines.length) this.#sessions.lastElementChild?.remove();
    for (const [index, line] of lines.entries()) {
      const item = this.#sessions.children[index] ?? this.#sessions.appendChild(el('li'));
      setText(item, line);
    }
  }
}

function sparkWidget(): { readonly element: Element; update(state: SymbolState): void } {
  const spark = new Sparkline();
  return { element: spark.element, update: (state) => spark.draw(state.sparkline) };
}
