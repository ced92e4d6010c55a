import type { GapRow, QuarantineList, QuarantineRow } from '../../src/api/protocol/index.ts';
import type { AppContext, Screen } from '../app-context.ts';
import { GAP_STATE_WORDS, GapStrip } from '../chart/gap-strip.ts';
import { el, setText } from '../dom/element.ts';
import { LiveTable } from '../dom/live-table.ts';
import { duration, fixed } from '../dom/number-text.ts';
import { emptyPanel, panel, skeleton } from '../dom/state-panel.ts';
import { api } from '../net/api-client.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { BreakPanel } from './break-panel.ts';
import { PolledPart } from './polled-part.ts';

const SPANS = [
  { label: '1 h', ms: 3_600_000 },
  { label: '6 h', ms: 21_600_000 },
  { label: '24 h', ms: 86_400_000 },
] as const;
const SHOWN_STRIPS = 60;
const SHOWN_GAPS = 100;
const PAGE = 50;

/** What is missing, what was repaired, and what was refused, with its raw text. */
export class DataScreen implements Screen {
  readonly title = 'Data';
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #strips = new Map<
    string,
    { readonly row: HTMLElement; readonly strip: GapStrip; readonly words: HTMLElement }
  >();
  readonly #stripList = el('div', { class: 'strip-list' }, skeleton(5));
  readonly #span = el('p', { class: 'muted panel-note' });
  readonly #gapPlace = el('div');
  readonly #gapTable: LiveTable<GapRow>;
  readonly #quarantinePlace = el('div', {}, skeleton(3));
  readonly #quarantineNote = el('p', { class: 'muted panel-note' });
  readonly #raw = el('div', { class: 'raw' });
  readonly #quarantineTable: LiveTable<QuarantineRow>;
  readonly #quarantine: PolledPart<QuarantineList>;
  readonly #breakPanel: BreakPanel;
  #spanMs: number = SPANS[0].ms;

  constructor(context: AppContext) {
    this.#context = context;
    this.#breakPanel = new BreakPanel(context);
    this.#gapTable = this.#makeGapTable();
    this.#quarantineTable = this.#makeQuarantineTable();
    this.#quarantine = new PolledPart(
      context,
      this.#quarantinePlace,
      3_000,
      () => api.quarantine(PAGE),
      (list) => this.#showQuarantine(list),
    );
    const legend = el(
      'ul',
      { class: 'strip-legend', attrs: { 'aria-label': 'Patterns' } },
      ...(['live', 'backfilled', 'other_source', 'backfilling', 'missing', 'open', 'closed'] as const).map((state) =>
        el('li', { class: `legend-${state}`, text: state === 'live' ? 'live' : GAP_STATE_WORDS[state] }),
      ),
    );
    this.element = el(
      'div',
      { class: 'screen data' },
      el('h1', { class: 'screen-title', text: 'Data' }),
      this.#breakPanel.element,
      panel(
        'Gap ledger',
        el('div', { class: 'panel-tools' }, this.#spanButtons(), legend),
        this.#span,
        this.#stripList,
        this.#gapPlace,
      ),
      panel('Quarantine', this.#quarantineNote, this.#quarantinePlace, this.#raw),
    );
  }

  mount(): void {
    this.#quarantine.start();
  }

  unmount(): void {
    this.#quarantine.stop();
  }

  paint(nowMs: number): void {
    this.#breakPanel.paint();
    this.#paintStrips(nowMs);
    const gaps = [...this.#context.store.gaps.values()].filter((gap) => gap.state !== 'closed');
    gaps.sort((a, b) => epochMs(b.from) - epochMs(a.from));
    if (gaps.length === 0) {
      if (this.#gapPlace.childElementCount === 0 && this.#context.store.run !== undefined) {
        this.#gapPlace.replaceChildren(
          el('p', {
            class: 'muted panel-note',
            text: 'No gap in this run: every interval was live or the market was closed.',
          }),
        );
      }
      return;
    }
    if (this.#gapTable.element.parentElement === null) this.#gapPlace.replaceChildren(this.#gapTable.element);
    this.#gapTable.update(gaps.slice(0, SHOWN_GAPS), nowMs);
  }

  #spanButtons(): HTMLElement {
    const buttons = SPANS.map((span) => {
      const button = el('button', {
        class: 'timeframe',
        text: span.label,
        attrs: { type: 'button', 'aria-pressed': String(span.ms === this.#spanMs) },
      });
      button.addEventListener('click', () => {
        this.#spanMs = span.ms;
        for (const other of buttons) other.setAttribute('aria-pressed', String(other === button));
        this.#context.requestPaint();
      });
      return button;
    });
    return el('div', { class: 'timeframes', attrs: { role: 'group', 'aria-label': 'Length of time' } }, ...buttons);
  }

  #paintStrips(nowMs: number): void {
    const { store } = this.#context;
    const engineMs = store.clock.nowMs(nowMs);
    if (engineMs === undefined || store.symbols.size === 0) return;
    const fromMs = engineMs - this.#spanMs;
    const clock = this.#context.zoneClock();
    const left = store.symbols.size > SHOWN_STRIPS ? `, first ${SHOWN_STRIPS} of ${store.symbols.size} symbols` : '';
    setText(this.#span, `${clock.full(fromMs)} to ${clock.timeWithZone(engineMs)}${left}`);
    if (this.#strips.size === 0) this.#stripList.replaceChildren();
    let shown = 0;
    for (const symbol of store.symbols.keys()) {
      if (shown >= SHOWN_STRIPS) break;
      shown += 1;
      const gaps = [...store.gaps.values()].filter(
        (gap) => gap.symbol === symbol && (gap.to === null || epochMs(gap.to) > fromMs),
      );
      const held = this.#strips.get(symbol) ?? this.#makeStrip(symbol);
      const trouble = gaps.filter((gap) => gap.state !== 'closed').length;
      const words = trouble === 0 ? 'no gap' : `${trouble} ${trouble === 1 ? 'gap' : 'gaps'}`;
      setText(held.words, words);
      held.strip.draw(gaps, fromMs, engineMs, clock, `${symbol}: ${words}`);
    }
  }

  #makeStrip(symbol: string) {
    const strip = new GapStrip(symbol);
    const words = el('span', { class: 'muted strip-words' });
    const row = el(
      'div',
      { class: 'strip-row' },
      el('a', { class: 'strip-symbol', text: symbol, attrs: { href: `#/s/${encodeURIComponent(symbol)}` } }),
      strip.element,
      words,
    );
    this.#stripList.append(row);
    const made = { row, strip, words };
    this.#strips.set(symbol, made);
    return made;
  }

  #makeGapTable(): LiveTable<GapRow> {
    const clockOf = (gap: GapRow) => this.#context.zoneClock(gap.symbol);
    return new LiveTable<GapRow>({
      caption: 'Gaps, newest first',
      class: 'gap-table',
      keyOf: (gap) => `${gap.symbol}|${gap.source}|${gap.from}`,
      rowState: (gap) => gap.state,
      columns: [
        { id: 'symbol', label: 'Symbol', isRowHeader: true, text: (gap) => gap.symbol },
        { id: 'from', label: 'From', text: (gap) => clockOf(gap).full(epochMs(gap.from)) },
        {
          id: 'length',
          label: 'Length',
          align: 'right',
          text: (gap) => (gap.to === null ? 'still open' : duration((epochMs(gap.to) - epochMs(gap.from)) / 1000)),
        },
        { id: 'state', label: 'State', text: (gap) => GAP_STATE_WORDS[gap.state] },
        {
          id: 'repaired',
          label: 'Fetched',
          align: 'right',
          text: (gap) =>
            gap.expected === null ? fixed(gap.repaired, 0) : `${fixed(gap.repaired, 0)}/${fixed(gap.expected, 0)}`,
        },
        { id: 'source', label: 'Source', text: (gap) => gap.source },
        { id: 'reason', label: 'Reason', text: (gap) => gap.reason },
      ],
    });
  }

  #showQuarantine(list: QuarantineList): void {
    if (list.items.length === 0) {
      setText(this.#quarantineNote, '');
      const note = el('p', { class: 'muted panel-note', text: 'Nothing was refused in this run.' });
      this.#quarantinePlace.replaceChildren(note);
      return;
    }
    setText(
      this.#quarantineNote,
      `${fixed(list.total, 0)} refused in all; newest ${list.items.length} shown. Open a row for its raw text.`,
    );
    if (this.#quarantineTable.element.parentElement === null)
      this.#quarantinePlace.replaceChildren(this.#quarantineTable.element);
    this.#quarantineTable.update(list.items, Date.now());
  }

  #makeQuarantineTable(): LiveTable<QuarantineRow> {
    return new LiveTable<QuarantineRow>({
      caption: 'Refused events, newest first',
      class: 'quarantine-table',
      keyOf: (row) => row.id,
      onOpen: (row) => this.#showRaw(row),
      columns: [
        {
          id: 'time',
          label: 'Received',
          isRowHeader: true,
          text: (row) => this.#context.zoneClock(row.symbol ?? undefined).full(epochMs(row.received_at)),
        },
        { id: 'symbol', label: 'Symbol', text: (row) => row.symbol ?? 'unknown' },
        { id: 'kind', label: 'Kind', text: (row) => row.kind },
        { id: 'reason', label: 'Reason', text: (row) => row.reason },
        { id: 'detail', label: 'Detail', text: (row) => row.detail },
        { id: 'source', label: 'Source', text: (row) => row.source },
      ],
    });
  }

  #showRaw(row: QuarantineRow): void {
    this.#raw.replaceChildren(
      el('h3', { text: `Raw text of ${row.id}` }),
      el('p', { class: 'muted', text: `${row.reason}: ${row.detail}` }),
      el('pre', { text: row.raw, attrs: { tabindex: '0' } }),
    );
    if (!emptyRaw(row)) return;
    this.#raw.replaceChildren(emptyPanel('No raw text was kept', `The source "${row.source}" gave none.`));
  }
}

function emptyRaw(row: QuarantineRow): boolean {
  return row.raw === '';
}
