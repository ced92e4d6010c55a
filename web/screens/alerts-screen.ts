import type { AlertEvent, AlertList } from '../../src/api/protocol/index.ts';
import type { AppContext, Screen } from '../app-context.ts';
import { choiceField, symbolField } from '../dom/choice-field.ts';
import { el, setText } from '../dom/element.ts';
import { LiveTable } from '../dom/live-table.ts';
import { NO_VALUE } from '../dom/number-text.ts';
import { emptyPanel, panel, skeleton } from '../dom/state-panel.ts';
import { api } from '../net/api-client.ts';
import {
  ALERT_KINDS,
  ALERT_LEVELS,
  type AlertFilter,
  type AlertKind,
  isAlertWanted,
  LEVEL_SIGNS,
} from '../state/alert-filter.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { ageText } from '../time/zone-clock.ts';
import { PolledPart } from './polled-part.ts';
import { RulePanel } from './rule-panel.ts';
import { explainColumn } from './statement-columns.ts';

const READ_ALERTS = 300;
const READ_EVERY_MS = 30_000;
const SHOWN = 30;

/** What somebody should know, newest first, with filters; and which of it pops up. */
export class AlertsScreen implements Screen {
  readonly title = 'Alerts';
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #place = el('div', {}, skeleton(5));
  readonly #note = el('p', { class: 'muted panel-note' });
  readonly #table: LiveTable<AlertEvent>;
  readonly #polled: PolledPart<AlertList>;
  readonly #level: { readonly element: HTMLElement; readonly select: HTMLSelectElement };
  readonly #kind: { readonly element: HTMLElement; readonly select: HTMLSelectElement };
  readonly #symbols: { readonly element: HTMLElement; readonly select: HTMLSelectElement };
  readonly #rules: RulePanel;
  #filter: AlertFilter = { level: 'LOW', kind: 'all', symbol: '' };
  #replaced = new Set<number>();
  #isRead = false;
  #nowMs = Date.now();

  constructor(context: AppContext) {
    this.#context = context;
    this.#table = this.#makeTable();
    const read = (): Promise<AlertList> => api.alerts(READ_ALERTS);
    this.#polled = new PolledPart(context, this.#place, READ_EVERY_MS, read, (list) => this.#show(list));
    this.#rules = new RulePanel(context);
    const { settings } = context;
    this.#level = choiceField(
      'Pop up from level',
      [['off', 'off: none'], ...ALERT_LEVELS.map((level) => [level, level] as const)],
      settings.current.popUpLevel,
      (popUpLevel) => settings.change({ popUpLevel }),
    );
    this.#kind = choiceField('About', KIND_CHOICES, settings.current.popUpKind, (popUpKind) =>
      settings.change({ popUpKind }),
    );
    this.#symbols = choiceField(
      'Of',
      [
        ['all', 'all symbols'],
        ['open', 'the symbol last looked at'],
      ],
      settings.current.popUpSymbols,
      (popUpSymbols) => settings.change({ popUpSymbols }),
    );
    this.element = el(
      'div',
      { class: 'screen alerts' },
      el('h1', { class: 'screen-title', text: 'Alerts' }),
      panel('Newest alerts', this.#filters(), this.#note, this.#place),
      panel(
        'Pop-ups of this browser',
        el('div', { class: 'panel-tools filters' }, this.#level.element, this.#kind.element, this.#symbols.element),
        el('p', {
          class: 'muted panel-note',
          text: 'm switches them off and on again. What does not pop up is in the list.',
        }),
      ),
      this.#rules.element,
    );
  }

  mount(): void {
    this.#polled.start();
    this.#rules.start();
  }

  unmount(): void {
    this.#polled.stop();
    this.#rules.stop();
  }

  settingsChanged(): void {
    const { popUpLevel, popUpKind, popUpSymbols } = this.#context.settings.current;
    this.#level.select.value = popUpLevel;
    this.#kind.select.value = popUpKind;
    this.#symbols.select.value = popUpSymbols;
  }

  paint(nowMs: number): void {
    this.#nowMs = nowMs;
    if (!this.#isRead) return;
    const all = this.#context.store.statements.alerts;
    if (all.length === 0) {
      if (this.#place.querySelector('.state-panel') !== null) return;
      const advice = 'Triggered patterns, anomalies of the data and trouble of the program appear here.';
      this.#place.replaceChildren(emptyPanel('No alert yet', advice, undefined, 'events'));
      return;
    }
    this.#replaced = new Set(all.flatMap(({ replaces }) => (typeof replaces === 'number' ? [replaces] : [])));
    const found = all.filter((alert) => isAlertWanted(alert, this.#filter));
    setText(this.#note, `newest ${Math.min(SHOWN, found.length)} of ${found.length}; ${all.length} are held here`);
    if (this.#table.element.parentElement === null) this.#place.replaceChildren(this.#table.element);
    this.#table.update(found.slice(0, SHOWN), nowMs);
  }

  key(event: KeyboardEvent): boolean {
    if (event.key === 'j' || event.key === 'k') {
      this.#table.focusRow(event.key === 'j' ? 1 : -1);
      return true;
    }
    const id = this.#table.focusedRow?.id;
    if (event.key !== 'e' || id === undefined) return false;
    this.#context.explain(id);
    return true;
  }

  #show({ alerts }: AlertList): void {
    for (const alert of [...alerts].reverse()) this.#context.store.statements.alert(alert, false);
    if (!this.#isRead) this.#place.replaceChildren();
    this.#isRead = true;
    this.#context.requestPaint();
  }

  #filters(): HTMLElement {
    const change = (part: Partial<AlertFilter>): void => {
      this.#filter = { ...this.#filter, ...part };
      this.#context.requestPaint();
    };
    const level = choiceField(
      'Level',
      ALERT_LEVELS.map(
        (name) => [name, name === 'LOW' ? 'all' : name === 'CRITICAL' ? name : `${name} and up`] as const,
      ),
      'LOW',
      (value) => change({ level: value }),
    );
    const kind = choiceField<AlertKind | 'all'>('About', KIND_CHOICES, 'all', (value) => change({ kind: value }));
    const symbol = symbolField((value) => change({ symbol: value }));
    return el(
      'div',
      { class: 'panel-tools filters', attrs: { role: 'group', 'aria-label': 'Filters' } },
      symbol,
      level.element,
      kind.element,
    );
  }

  #makeTable(): LiveTable<AlertEvent> {
    return new LiveTable<AlertEvent>({
      caption: 'Alerts, newest first',
      class: 'alert-table',
      keyOf: (alert) => String(alert.id),
      rowState: (alert) =>
        alert.change === 'withdrawn' || (alert.id !== undefined && this.#replaced.has(alert.id))
          ? 'withdrawn'
          : undefined,
      onOpen: (alert) => alert.id !== undefined && this.#context.explain(alert.id),
      order: (a, b) => (b.id ?? 0) - (a.id ?? 0),
      columns: [
        {
          id: 'time',
          label: 'Time',
          text: (alert) => this.#context.zoneClock(alert.symbol).full(epochMs(alert.timestamp)),
        },
        { id: 'age', label: 'Age', align: 'right', text: (alert) => this.#age(alert) },
        {
          id: 'level',
          label: 'Level',
          text: (alert) => `${LEVEL_SIGNS[alert.level]} ${alert.level}`,
          tone: (alert) => `alert-level level-${alert.level.toLowerCase()}`,
        },
        { id: 'kind', label: 'About', text: (alert) => alert.kind ?? 'system' },
        { id: 'symbol', label: 'Symbol', text: (alert) => alert.symbol ?? NO_VALUE },
        { id: 'message', label: 'Message', isRowHeader: true, text: (alert) => alert.message },
        explainColumn<AlertEvent>(
          ({ id }) => id ?? 0,
          ({ message }) => message,
          (id) => this.#context.explain(id),
        ),
      ],
    });
  }

  #age(alert: AlertEvent): string {
    const engineMs = this.#context.store.clock.nowMs(this.#nowMs);
    return engineMs === undefined ? NO_VALUE : ageText(Math.max(0, engineMs - epochMs(alert.timestamp)));
  }
}

const KIND_CHOICES: readonly (readonly [AlertKind | 'all', string])[] = [
  ['all', 'anything'],
  ...ALERT_KINDS.map((kind) => [kind, `${kind} only`] as const),
];
