import type { PatternList, PatternMatchEvent } from '../../src/api/protocol/index.ts';
import type { AppContext } from '../app-context.ts';
import { el, setText } from '../dom/element.ts';
import { LiveTable } from '../dom/live-table.ts';
import { emptyPanel, panel, skeleton } from '../dom/state-panel.ts';
import { api } from '../net/api-client.ts';
import { directionWords, patternName } from '../state/statement-words.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { ageText } from '../time/zone-clock.ts';
import { PolledPart } from './polled-part.ts';
import { oddsColumns } from './statement-columns.ts';

const READ_PATTERNS = 1_000;
const READ_EVERY_MS = 60_000;

interface SuccessRow {
  readonly key: string;
  readonly newest: PatternMatchEvent;
  seen: number;
}

/** How often each pattern reached its target before its stop, against the same barriers at random entries. */
export class SuccessPanel {
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #place = el('div', {}, skeleton(4));
  readonly #note = el('p', { class: 'muted panel-note' });
  readonly #table: LiveTable<SuccessRow>;
  readonly #polled: PolledPart<PatternList>;
  #rows: readonly SuccessRow[] = [];
  #nowMs = Date.now();

  constructor(context: AppContext) {
    this.#context = context;
    this.#table = this.#makeTable();
    const read = (): Promise<PatternList> => api.patterns(READ_PATTERNS);
    this.#polled = new PolledPart(context, this.#place, READ_EVERY_MS, read, (list) => this.#show(list));
    this.element = panel('Patterns: success against random entries', this.#note, this.#place);
  }

  start(): void {
    this.#polled.start();
  }

  stop(): void {
    this.#polled.stop();
  }

  paint(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.#rows.length > 0) this.#table.update(this.#rows, nowMs);
  }

  #show({ patterns }: PatternList): void {
    const rows = new Map<string, SuccessRow>();
    for (const match of patterns) {
      if (match.direction === 'none' || match.change === 'withdrawn') continue;
      const key = `${match.family}|${match.pattern_id}|${match.timeframe}|${match.direction}`;
      const held = rows.get(key);
      if (held === undefined) rows.set(key, { key, newest: match, seen: 1 });
      else held.seen += 1;
    }
    this.#rows = [...rows.values()];
    if (this.#rows.length === 0) {
      const advice = 'What they are worth stands here as soon as the first ones were found.';
      this.#place.replaceChildren(emptyPanel('No pattern with a direction yet', advice));
      return;
    }
    const edges = this.#rows.filter(({ newest }) => newest.odds.has_edge).length;
    const found = `${this.#rows.length} patterns among the newest ${patterns.length} statements`;
    setText(this.#note, `${found}; ${edges === 0 ? 'no edge measured on any' : `an edge measured on ${edges}`}`);
    if (this.#table.element.parentElement === null) this.#place.replaceChildren(this.#table.element);
    this.#context.requestPaint();
  }

  #makeTable(): LiveTable<SuccessRow> {
    return new LiveTable<SuccessRow>({
      caption: 'Success of patterns against random entries, those with the most outcomes first',
      class: 'success-table',
      keyOf: ({ key }) => key,
      order: (a, b) =>
        Number(b.newest.odds.has_edge) - Number(a.newest.odds.has_edge) || b.newest.odds.n - a.newest.odds.n,
      columns: [
        { id: 'name', label: 'Pattern', isRowHeader: true, text: ({ newest }) => patternName(newest.pattern_id) },
        {
          id: 'family',
          label: 'Kind',
          text: ({ newest }) => newest.family,
          compare: (a, b) => a.newest.family.localeCompare(b.newest.family),
        },
        { id: 'timeframe', label: 'Bars', text: ({ newest }) => newest.timeframe },
        {
          id: 'direction',
          label: 'Says',
          text: ({ newest }) => directionWords(newest.direction),
          tone: ({ newest }) => newest.direction,
        },
        ...oddsColumns<SuccessRow>(({ newest }) => newest),
        {
          id: 'seen',
          label: 'Seen lately',
          align: 'right',
          text: ({ seen }) => String(seen),
          compare: (a, b) => a.seen - b.seen,
        },
        { id: 'last', label: 'Last', align: 'right', text: ({ newest }) => this.#age(newest) },
      ],
    });
  }

  #age(match: PatternMatchEvent): string {
    const engineMs = this.#context.store.clock.nowMs(this.#nowMs);
    const age = engineMs === undefined ? '' : `${ageText(Math.max(0, engineMs - epochMs(match.timestamp)))}, `;
    return `${age}${match.symbol}`;
  }
}
