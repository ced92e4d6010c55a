import type { PatternMatchEvent } from '../../src/api/protocol/index.ts';
import { el } from '../dom/element.ts';
import { fixed, NO_VALUE } from '../dom/number-text.ts';
import { errorPanel, skeleton } from '../dom/state-panel.ts';
import { ApiError, api } from '../net/api-client.ts';
import type { Explanation, Fields } from '../net/explanation.ts';
import { oddsSentence, patternName } from '../state/statement-words.ts';
import { epochMs } from '../time/chart-seconds.ts';
import type { ZoneClock } from '../time/zone-clock.ts';

/** Members that have a section of their own. */
const APART = new Set(['odds', 'points', 'patterns', 'regime', 'type', 'id', 'from', 'to', 'current']);

/** A statement walked back: what it says, how likely, on which patterns, which bar, which trades, and whose clock. */
export class ExplainDialog {
  readonly element: HTMLDialogElement;
  readonly #clockOf: (symbol: string | undefined) => ZoneClock;
  readonly #title = el('h2', { id: 'explain-title' });
  readonly #body = el('div', {
    class: 'explain-body',
    attrs: { tabindex: '0', role: 'group', 'aria-labelledby': 'explain-title' },
  });
  #asked = 0;

  constructor(clockOf: (symbol: string | undefined) => ZoneClock) {
    this.#clockOf = clockOf;
    const close = el('button', { class: 'button', text: 'Close', attrs: { type: 'submit' } });
    this.element = el(
      'dialog',
      { class: 'dialog explain-dialog', attrs: { 'aria-labelledby': 'explain-title' } },
      this.#title,
      this.#body,
      el('form', { attrs: { method: 'dialog' } }, close),
    );
  }

  show(id: number): void {
    if (!this.element.open) this.element.showModal();
    void this.#read(id);
  }

  async #read(id: number): Promise<void> {
    this.#asked = id;
    this.#title.textContent = `Explain ${id}`;
    this.#body.replaceChildren(skeleton(6));
    try {
      const found = await api.explain(id);
      if (this.#asked === id) this.#draw(found);
    } catch (error) {
      if (this.#asked !== id) return;
      const message = error instanceof Error ? error.message : String(error);
      const code = error instanceof ApiError ? error.code : 'page_error';
      this.#body.replaceChildren(errorPanel(message, code, () => void this.#read(id)));
    }
  }

  #draw(found: Explanation): void {
    const { symbol } = found.statement;
    const clock = this.#clockOf(typeof symbol === 'string' ? symbol : undefined);
    this.#title.textContent = `${found.type.replace('_', ' ')} ${found.id}`;
    const percent = found.probability?.percent ?? null;
    const steps = [
      section('It says', facts(found.statement, clock)),
      section('How likely', el('p', { text: oddsSentence(percent, found.probability) })),
      ...(found.patterns.length === 0
        ? []
        : [section('It rests on', ...found.patterns.map((pattern) => patternPart(pattern, clock)))]),
      section('Bar', barPart(found, clock)),
      section(`Trades: ${found.trades.count}`, tradePart(found, clock)),
      section('Clocks', facts(found.clocks, clock)),
    ];
    this.#body.replaceChildren(...steps);
    this.#body.scrollTop = 0;
  }
}

function section(title: string, ...content: readonly Node[]): HTMLElement {
  return el('section', {}, el('h3', { text: title }), ...content);
}

/** Members as a list of names and values; times are put into the reader's zone. */
function facts(of: Fields, clock: ZoneClock): HTMLElement {
  const rows = Object.entries(of)
    .filter(([name, value]) => !APART.has(name) && value !== null && typeof value !== 'object')
    .map(([name, value]) =>
      el('div', {}, el('dt', { text: name.replaceAll('_', ' ') }), el('dd', { text: valueText(value, clock) })),
    );
  return el('dl', { class: 'facts' }, ...rows);
}

function valueText(value: unknown, clock: ZoneClock): string {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value)) return clock.full(epochMs(value));
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(8)));
  return String(value);
}

function patternPart(pattern: Fields, clock: ZoneClock): HTMLElement {
  const match = pattern as unknown as PatternMatchEvent;
  return el(
    'div',
    { class: 'explain-pattern' },
    el('h4', { text: `${patternName(match.pattern_id)}, event ${match.id}` }),
    el('p', { text: oddsSentence(match.probability, match.odds) }),
    facts(pattern, clock),
  );
}

function barPart({ bar }: Explanation, clock: ZoneClock): HTMLElement {
  if (bar === null) return el('p', { class: 'muted', text: 'No bar is held for it.' });
  const { start, revision, said_on_revision: said } = bar;
  const prices = `O ${bar.open}  H ${bar.high}  L ${bar.low}  C ${bar.close}  V ${bar.volume}`;
  const revised = revision === said ? `revision ${revision}` : `said on revision ${said}, stored now is ${revision}`;
  const trust = `${revised} · quality ${fixed(bar.quality, 2)} · ${bar.source ?? 'source unknown'}`;
  return el('p', { text: `${bar.timeframe} · ${clock.full(epochMs(start))} · ${prices} · ${trust}` });
}

function tradePart({ trades }: Explanation, clock: ZoneClock): HTMLElement {
  const note = trades.note === null ? undefined : el('p', { class: 'muted', text: trades.note });
  if (trades.shown.length === 0) return el('div', {}, note);
  const names = ['Time', 'Received', 'Price', 'Size', 'Source', 'Tape'] as const;
  const head = el('tr', {}, ...names.map((name) => el('th', { text: name, attrs: { scope: 'col' } })));
  const rows = trades.shown.map((trade) =>
    el(
      'tr',
      {},
      el('td', { text: clock.timeWithZone(epochMs(trade.time)) }),
      el('td', { text: trade.received_at === null ? NO_VALUE : clock.timeWithZone(epochMs(trade.received_at)) }),
      el('td', { text: trade.price === null ? NO_VALUE : String(trade.price) }),
      el('td', { text: trade.size === null ? NO_VALUE : String(trade.size) }),
      el('td', { text: trade.source ?? NO_VALUE }),
      el('td', { text: trade.tape_seq === null ? NO_VALUE : String(trade.tape_seq) }),
    ),
  );
  const caption = el('caption', { class: 'visually-hidden', text: 'Trades of the bar' });
  const table = el('table', { class: 'live-table' }, caption, el('thead', {}, head), el('tbody', {}, ...rows));
  return el('div', {}, note, el('div', { class: 'table-scroll' }, table));
}
