import type { SignalEvent, SignalList } from '../../src/api/protocol/index.ts';
import type { AppContext, Screen } from '../app-context.ts';
import { choiceField, symbolField } from '../dom/choice-field.ts';
import { el, setText } from '../dom/element.ts';
import { type Column, LiveTable } from '../dom/live-table.ts';
import { fixed, NO_VALUE } from '../dom/number-text.ts';
import { emptyPanel, panel, skeleton } from '../dom/state-panel.ts';
import { api } from '../net/api-client.ts';
import { actionTone, actionWords } from '../state/statement-words.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { ageText } from '../time/zone-clock.ts';
import { PolledPart } from './polled-part.ts';
import { explainColumn, oddsColumns } from './statement-columns.ts';
import { SuccessPanel } from './success-panel.ts';

const SUBSCRIPTION = 'signals';
const READ_EVERY_MS = 15_000;

type Validity = 'valid' | 'expired' | 'withdrawn';
type Side = 'all' | 'act' | 'buy' | 'sell';

/** What the scanner says of every symbol and timeframe, the strongest first, with what each claim stands on. */
export class SignalsScreen implements Screen {
  readonly title = 'Signals';
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #place = el('div', {}, skeleton(6));
  readonly #note = el('p', { class: 'muted panel-note' });
  readonly #table: LiveTable<SignalEvent>;
  readonly #polled: PolledPart<SignalList>;
  readonly #success: SuccessPanel;
  #wanted = '';
  #side: Side = 'all';
  #leastConfidence = 0;
  #only: 'all' | 'valid' = 'all';
  #timeframe = 'all';
  #isRead = false;
  #nowMs = Date.now();

  constructor(context: AppContext) {
    this.#context = context;
    this.#table = new LiveTable<SignalEvent>({
      caption: 'Signals, the strongest first',
      class: 'signal-table',
      keyOf: (signal) => `${signal.symbol}|${signal.timeframe}`,
      onOpen: (signal) => context.explain(signal.id),
      rowState: (signal) => this.#validity(signal),
      order: (a, b) => this.#rank(a) - this.#rank(b) || Math.abs(b.score) - Math.abs(a.score) || a.id - b.id,
      columns: this.#columns(),
    });
    this.#polled = new PolledPart(context, this.#place, READ_EVERY_MS, api.newestSignals, (list) => this.#show(list));
    this.#success = new SuccessPanel(context);
    this.element = el(
      'div',
      { class: 'screen signals' },
      el('h1', { class: 'screen-title', text: 'Signals' }),
      panel('Newest signal of each symbol and timeframe', this.#filters(), this.#note, this.#place),
      this.#success.element,
    );
  }

  mount(): void {
    this.#context.socket.subscribe(SUBSCRIPTION, { channels: ['signals'] });
    this.#polled.start();
    this.#success.start();
  }

  unmount(): void {
    this.#context.socket.unsubscribe(SUBSCRIPTION);
    this.#polled.stop();
    this.#success.stop();
  }

  paint(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#success.paint(nowMs);
    if (!this.#isRead) return;
    const all = this.#context.store.statements.signals;
    if (all.length === 0) {
      if (this.#place.querySelector('.state-panel') === null) this.#place.replaceChildren(noSignals());
      return;
    }
    const found = all.filter((signal) => this.#isWanted(signal));
    const answered = this.#polled.answeredAtMs;
    const read = answered === undefined ? '' : `, list read ${ageText(nowMs - answered)} ago`.replace('now ago', 'now');
    setText(this.#note, `${found.length} of ${all.length} signals${read}; a row opens its explanation`);
    if (this.#table.element.parentElement === null) this.#place.replaceChildren(this.#table.element);
    this.#table.update(found, nowMs);
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

  #show(list: SignalList): void {
    for (const signal of list.signals) this.#context.store.statements.signal(signal);
    if (!this.#isRead) this.#place.replaceChildren();
    this.#isRead = true;
    this.#context.requestPaint();
  }

  #validity(signal: SignalEvent): Validity {
    if (signal.change === 'withdrawn') return 'withdrawn';
    const engineMs = this.#context.store.clock.nowMs(this.#nowMs);
    return engineMs !== undefined && engineMs > epochMs(signal.expires_at) ? 'expired' : 'valid';
  }

  #rank(signal: SignalEvent): number {
    return { valid: 0, expired: 1, withdrawn: 2 }[this.#validity(signal)];
  }

  #isWanted(signal: SignalEvent): boolean {
    if (!signal.symbol.includes(this.#wanted)) return false;
    if (this.#timeframe !== 'all' && signal.timeframe !== this.#timeframe) return false;
    if (signal.confidence < this.#leastConfidence) return false;
    if (this.#only === 'valid' && this.#validity(signal) !== 'valid') return false;
    if (this.#side === 'all') return true;
    if (this.#side === 'act') return signal.action !== 'HOLD';
    return signal.action.endsWith(this.#side === 'buy' ? 'BUY' : 'SELL');
  }

  #filters(): HTMLElement {
    const again = (): void => this.#context.requestPaint();
    const side = choiceField<Side>(
      'Action',
      [
        ['all', 'all'],
        ['act', 'without HOLD'],
        ['buy', '▲ buy'],
        ['sell', '▼ sell'],
      ],
      this.#side,
      (value) => {
        this.#side = value;
        again();
      },
    );
    const timeframe = choiceField<string>(
      'Timeframe',
      ['all', ...this.#context.store.timeframes].map((name) => [name, name] as const),
      this.#timeframe,
      (value) => {
        this.#timeframe = value;
        again();
      },
    );
    const confidence = choiceField<string>(
      'Confidence',
      ['0', '50', '70', '90'].map((value) => [value, value === '0' ? 'any' : `${value} and more`] as const),
      '0',
      (value) => {
        this.#leastConfidence = Number(value);
        again();
      },
    );
    const validity = choiceField<'all' | 'valid'>(
      'State',
      [
        ['all', 'expired too'],
        ['valid', 'valid only'],
      ],
      this.#only,
      (value) => {
        this.#only = value;
        again();
      },
    );
    const symbol = symbolField((value) => {
      this.#wanted = value;
      again();
    });
    return el(
      'div',
      { class: 'panel-tools filters', attrs: { role: 'group', 'aria-label': 'Filters' } },
      symbol,
      side.element,
      timeframe.element,
      confidence.element,
      validity.element,
    );
  }

  #columns(): readonly Column<SignalEvent>[] {
    const price = (of: (signal: SignalEvent) => number | null) => (signal: SignalEvent) =>
      fixed(of(signal), this.#context.store.symbols.get(signal.symbol)?.digits ?? 2);
    return [
      {
        id: 'symbol',
        label: 'Symbol',
        isRowHeader: true,
        text: (signal) => signal.symbol,
        compare: (a, b) => a.symbol.localeCompare(b.symbol),
      },
      { id: 'timeframe', label: 'Bars', text: (signal) => signal.timeframe },
      {
        id: 'action',
        label: 'Action',
        text: (signal) => actionWords(signal.action),
        tone: (signal) => actionTone(signal.action),
      },
      {
        id: 'score',
        label: 'Score',
        align: 'right',
        text: (signal) => signedScore(signal.score),
        title: () => 'From −100 (sell) to 100 (buy): a rank, not a probability',
        compare: (a, b) => a.score - b.score,
        tint: true,
      },
      {
        id: 'confidence',
        label: 'Confidence',
        align: 'right',
        text: (signal) => fixed(signal.confidence, 0),
        title: () => 'How much of the score is left after the cut for stale or poor data',
        compare: (a, b) => a.confidence - b.confidence,
      },
      ...oddsColumns<SignalEvent>((signal) => signal),
      { id: 'entry', label: 'Entry', align: 'right', text: price((signal) => signal.entry_price) },
      { id: 'target', label: 'Target', align: 'right', text: price((signal) => signal.target_price) },
      { id: 'stop', label: 'Stop', align: 'right', text: price((signal) => signal.stop_loss) },
      { id: 'rr', label: 'R:R', align: 'right', text: (signal) => fixed(signal.risk_reward_ratio, 2) },
      {
        id: 'age',
        label: 'Age',
        align: 'right',
        text: (signal) => this.#age(signal),
        title: (signal) => `said ${this.#context.zoneClock(signal.symbol).full(epochMs(signal.timestamp))}`,
        compare: (a, b) => epochMs(b.timestamp) - epochMs(a.timestamp),
      },
      {
        id: 'validity',
        label: 'State',
        text: (signal) => this.#stateWords(signal),
        title: (signal) => `expires ${this.#context.zoneClock(signal.symbol).full(epochMs(signal.expires_at))}`,
      },
      explainColumn<SignalEvent>(
        ({ id }) => id,
        ({ symbol, timeframe }) => `${symbol} ${timeframe}`,
        (id) => this.#context.explain(id),
      ),
    ];
  }

  #age(signal: SignalEvent): string {
    const engineMs = this.#context.store.clock.nowMs(this.#nowMs);
    return engineMs === undefined ? NO_VALUE : ageText(Math.max(0, engineMs - epochMs(signal.timestamp)));
  }

  /** An amended signal says so, and one whose symbol has no fresh data too. */
  #stateWords(signal: SignalEvent): string {
    const { store } = this.#context;
    const validity = this.#validity(signal);
    const state = store.symbols.get(signal.symbol);
    const fresh = state === undefined ? 'none' : store.freshness(state, this.#nowMs);
    const amended = signal.change === 'amended' ? ', amended' : '';
    const data = validity === 'valid' && (fresh === 'stale' || fresh === 'closed') ? `, data ${fresh}` : '';
    return `${validity}${amended}${data}`;
  }
}

function signedScore(score: number): string {
  if (score === 0) return '0.0';
  return `${score > 0 ? '+' : '−'}${fixed(Math.abs(score), 1)}`;
}

function noSignals(): HTMLElement {
  return emptyPanel(
    'No signal yet',
    'The scanner speaks when the view of a symbol changes at the close of a bar. Patterns need history first:',
    'npx tickloom bootstrap',
  );
}
