import type { PatternMatchEvent } from '../../src/api/protocol/index.ts';
import type { AppContext } from '../app-context.ts';
import { el, setAttr, setText } from '../dom/element.ts';
import { LiveTable } from '../dom/live-table.ts';
import { fixed } from '../dom/number-text.ts';
import { emptyPanel, errorPanel, panel, skeleton } from '../dom/state-panel.ts';
import { ApiError, api } from '../net/api-client.ts';
import type { BarSeries } from '../state/bar-series.ts';
import { directionWords, oddsSentence, outcomeWords, patternName } from '../state/statement-words.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { explainColumn, oddsColumns } from './statement-columns.ts';

const READ_PATTERNS = 400;
const READ_REGIMES = 400;
const READ_OUTCOMES = 1_000;
const SHOWN = 40;
const FAMILIES = ['chart', 'tolerance', 'candlestick'] as const;

type Family = (typeof FAMILIES)[number];

/** Patterns of the open series with what their outcomes are worth; the chosen one is drawn on the chart. */
export class PatternPanel {
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #place = el('div', {}, skeleton(4));
  readonly #note = el('p', { class: 'muted panel-note' });
  readonly #detail = el('p', { class: 'pattern-detail', attrs: { hidden: '' } });
  readonly #table: LiveTable<PatternMatchEvent>;
  readonly #families = new Set<Family>(FAMILIES);
  #series: BarSeries | undefined;
  #isRead = false;
  #chosen: number | undefined;
  #changes = 0;

  constructor(context: AppContext) {
    this.#context = context;
    this.#table = this.#makeTable();
    this.element = panel(
      'Patterns',
      el('div', { class: 'panel-tools' }, this.#buttons(), this.#note),
      this.#detail,
      this.#place,
    );
    this.element.classList.add('pattern-panel');
  }

  /** The pattern that the person chose. */
  get chosen(): number | undefined {
    return this.#chosen;
  }

  /** Changes with everything that the chart has to draw anew. */
  get version(): number {
    return this.#context.store.statements.version + this.#changes;
  }

  /** What the families that are switched on found, newest first. */
  shown(): readonly PatternMatchEvent[] {
    return this.#context.store.statements.patterns.filter(({ family }) => this.#families.has(family));
  }

  paint(series: BarSeries | undefined, nowMs: number): void {
    if (series !== this.#series) void this.#open(series);
    if (!this.#isRead || series === undefined) return;
    const found = this.shown();
    this.#paintDetail(found);
    if (found.length === 0) {
      setText(this.#note, '');
      if (this.#place.querySelector('.state-panel') !== null) return;
      const advice = 'They are looked for at the close of each bar, on the timeframes that have features.';
      this.#place.replaceChildren(emptyPanel(`No pattern on ${series.timeframe} bars of ${series.symbol} yet`, advice));
      return;
    }
    setText(this.#note, `newest ${Math.min(SHOWN, found.length)} of ${found.length}; a row is drawn on the chart`);
    if (this.#table.element.parentElement === null) this.#place.replaceChildren(this.#table.element);
    this.#table.update(found.slice(0, SHOWN), nowMs);
  }

  key(event: KeyboardEvent): boolean {
    if (event.key === 'j' || event.key === 'k') {
      this.#table.focusRow(event.key === 'j' ? 1 : -1);
      return true;
    }
    const row = this.#table.focusedRow;
    if (event.key !== 'e' || row === undefined) return false;
    this.#context.explain(row.id);
    return true;
  }

  async #open(series: BarSeries | undefined): Promise<void> {
    this.#series = series;
    this.#isRead = false;
    this.#chosen = undefined;
    this.#place.replaceChildren(skeleton(4));
    if (series === undefined) return;
    const { symbol, timeframe } = series;
    const { statements } = this.#context.store;
    try {
      const [patterns, outcomes, regimes] = await Promise.all([
        api.patterns(READ_PATTERNS, { symbol, timeframe }),
        api.outcomes(READ_OUTCOMES, { symbol, timeframe }),
        api.regimes(symbol, timeframe, READ_REGIMES),
      ]);
      if (this.#series !== series) return;
      // Oldest first, so that what was amended replaces what it names.
      for (const match of [...patterns.patterns].reverse()) statements.pattern(match);
      for (const change of [...regimes.changes].reverse()) statements.regime(change);
      for (const outcome of [...outcomes.outcomes].reverse()) statements.outcome(outcome);
      this.#isRead = true;
      this.#context.requestPaint();
    } catch (error) {
      if (this.#series !== series) return;
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof ApiError ? error.code : 'page_error';
      this.#place.replaceChildren(errorPanel(message, code, () => void this.#open(series)));
    }
  }

  #buttons(): HTMLElement {
    const buttons = FAMILIES.map((family) => {
      const button = el('button', {
        class: 'timeframe',
        text: family,
        attrs: { type: 'button', 'aria-pressed': 'true' },
      });
      button.addEventListener('click', () => {
        if (!this.#families.delete(family)) this.#families.add(family);
        setAttr(button, 'aria-pressed', String(this.#families.has(family)));
        this.#changed();
      });
      return button;
    });
    return el('div', { class: 'timeframes', attrs: { role: 'group', 'aria-label': 'Kinds of patterns' } }, ...buttons);
  }

  #choose(match: PatternMatchEvent): void {
    this.#chosen = this.#chosen === match.id ? undefined : match.id;
    this.#changed();
  }

  #changed(): void {
    this.#changes += 1;
    this.#context.requestPaint();
  }

  #paintDetail(found: readonly PatternMatchEvent[]): void {
    const match = found.find(({ id }) => id === this.#chosen);
    this.#detail.hidden = match === undefined;
    if (match === undefined) return;
    const digits = this.#context.store.symbols.get(match.symbol)?.digits ?? 2;
    const prices = `entry ${fixed(match.entry_price, digits)}, target ${fixed(match.target_price, digits)}, stop ${fixed(match.stop_loss, digits)}, reward to risk ${fixed(match.risk_reward_ratio, 2)}`;
    const plan = match.entry_price === null ? 'no direction, so no entry' : prices;
    setText(this.#detail, `${patternName(match.pattern_id)}: ${plan}. ${oddsSentence(match.probability, match.odds)}`);
  }

  #makeTable(): LiveTable<PatternMatchEvent> {
    const { statements } = this.#context.store;
    return new LiveTable<PatternMatchEvent>({
      caption: 'Patterns, newest first',
      class: 'pattern-table',
      keyOf: (match) => String(match.id),
      onOpen: (match) => this.#choose(match),
      rowState: (match) =>
        match.change === 'withdrawn' ? 'withdrawn' : match.id === this.#chosen ? 'chosen' : undefined,
      order: (a, b) => epochMs(b.bar_start) - epochMs(a.bar_start) || b.id - a.id,
      columns: [
        {
          id: 'bar',
          label: 'Bar',
          text: (match) => this.#context.zoneClock(match.symbol).timeWithZone(epochMs(match.bar_start)),
          title: (match) => this.#context.zoneClock(match.symbol).full(epochMs(match.bar_start)),
        },
        { id: 'name', label: 'Pattern', isRowHeader: true, text: (match) => patternName(match.pattern_id) },
        {
          id: 'direction',
          label: 'Says',
          text: (match) => directionWords(match.direction),
          tone: (match) => (match.direction === 'none' ? 'flat' : match.direction),
        },
        {
          id: 'status',
          label: 'Status',
          text: (match) =>
            match.change === 'new'
              ? match.status.toLowerCase().replace('_', ' ')
              : `${match.change}, r${match.bar_revision}`,
        },
        { id: 'confidence', label: 'Fit', align: 'right', text: (match) => fixed(match.confidence, 0) },
        ...oddsColumns<PatternMatchEvent>((match) => match),
        {
          id: 'outcome',
          label: 'Became',
          text: (match) => (match.direction === 'none' ? 'not followed' : outcomeWords(statements.outcomeOf(match.id))),
        },
        explainColumn<PatternMatchEvent>(
          ({ id }) => id,
          ({ pattern_id }) => patternName(pattern_id),
          (id) => this.#context.explain(id),
        ),
      ],
    });
  }
}
