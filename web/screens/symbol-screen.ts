import type { AppContext, Screen } from '../app-context.ts';
import { GapStrip } from '../chart/gap-strip.ts';
import { el, setAttr, setText } from '../dom/element.ts';
import { panel } from '../dom/state-panel.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { BarTable } from './bar-table.ts';
import { BreakPanel } from './break-panel.ts';
import { ChartPanel } from './chart-panel.ts';
import { FeaturePanel } from './feature-panel.ts';
import { PatternPanel } from './pattern-panel.ts';
import { RegimePanel } from './regime-panel.ts';
import { SymbolHeader } from './symbol-header.ts';
import { TimeframeStrip } from './timeframe-strip.ts';
import { TradeList } from './trade-list.ts';

const SHORT_STRIP_MS = 3_600_000;
const LONG_STRIP_MS = 86_400_000;

/** Candles of one symbol with everything that says how far they can be trusted. */
export class SymbolScreen implements Screen {
  readonly title = 'Symbol';
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #header: SymbolHeader;
  readonly #chart: ChartPanel;
  readonly #tableButton = el('button', {
    class: 'button quiet',
    text: 'Show as table',
    attrs: { type: 'button', 'aria-pressed': 'false' },
  });
  readonly #stripLabel = el('p', { class: 'muted panel-note' });
  readonly #strip = new GapStrip('Gaps');
  readonly #timeframes: TimeframeStrip;
  readonly #barTable: BarTable;
  readonly #patterns: PatternPanel;
  readonly #regime: RegimePanel;
  readonly #features: FeaturePanel;
  readonly #trades: TradeList;
  readonly #breakPanel: BreakPanel;
  #showsTable = false;

  constructor(context: AppContext) {
    this.#context = context;
    this.#header = new SymbolHeader(context);
    this.#chart = new ChartPanel(context);
    this.#timeframes = new TimeframeStrip((timeframe) => this.#go(context.selection.symbol, timeframe));
    this.#barTable = new BarTable(context, () => this.#chart.series?.symbol);
    this.#patterns = new PatternPanel(context);
    this.#regime = new RegimePanel(context);
    this.#features = new FeaturePanel(context);
    this.#trades = new TradeList(context);
    this.#breakPanel = new BreakPanel(context);
    this.#tableButton.addEventListener('click', () => this.#toggleTable());
    this.element = this.#layout();
  }

  mount(): void {
    void this.#chart.open();
  }

  unmount(): void {
    this.#chart.close();
  }

  settingsChanged(): void {
    this.#chart.settingsChanged();
  }

  paintFast(): void {
    this.#chart.paintFast();
  }

  paint(nowMs: number): void {
    const { store, selection } = this.#context;
    // The list of symbols may come after the screen was opened.
    if (this.#chart.isWaiting && store.isListed) void this.#chart.open();
    const state = this.#chart.symbolState();
    const fresh = this.#header.paint(state, this.#chart.clock(), nowMs);
    setAttr(this.element, 'data-fresh', fresh);
    this.#timeframes.update(store.timeframes, selection.timeframe);
    this.#breakPanel.paint();
    this.#trades.update(store.trades, state?.digits ?? 2);
    this.#features.update(store.features, nowMs);
    const { series } = this.#chart;
    this.#patterns.paint(series, nowMs);
    this.#regime.paint(series);
    this.#chart.showStatements(this.#patterns.shown(), this.#patterns.chosen, this.#patterns.version);
    if (this.#showsTable && series !== undefined) {
      this.#barTable.update(series, state?.digits ?? 2, state?.row.asset_class, nowMs);
    }
    this.#chart.paint(nowMs);
    this.#paintStrip(nowMs);
  }

  key(event: KeyboardEvent): boolean {
    if (event.key === '[' || event.key === ']') return this.#neighbour(event.key === ']' ? 1 : -1);
    if (event.key === 'r') {
      this.#context.announce(this.#chart.legend.textContent ?? '');
      return true;
    }
    return this.#timeframes.key(event) || this.#chart.key(event.key) || this.#patterns.key(event);
  }

  #layout(): HTMLElement {
    const attribution = el('a', {
      class: 'attribution',
      text: 'Charts by TradingView Lightweight Charts™',
      attrs: { href: 'https://www.tradingview.com/', rel: 'noopener noreferrer', target: '_blank' },
    });
    const key = el(
      'ul',
      { class: 'chart-key', attrs: { 'aria-label': 'Marks' } },
      el('li', { class: 'key-forming', text: 'forming' }),
      el('li', { class: 'key-revised', text: 'revised' }),
      el('li', { class: 'key-backfilled', text: 'backfilled' }),
      el('li', { class: 'key-gap', text: 'gap' }),
      el('li', { class: 'key-low', text: 'low quality' }),
      el('li', { class: 'key-pattern', text: 'pattern' }),
      el('li', { class: 'key-regime', text: 'trend over volatility' }),
    );
    return el(
      'div',
      { class: 'screen symbol' },
      this.#header.element,
      el('div', { class: 'symbol-tools' }, this.#timeframes.element, this.#tableButton),
      el(
        'section',
        { class: 'panel chart-panel', attrs: { 'aria-label': 'Chart' } },
        this.#chart.legend,
        this.#chart.element,
        this.#barTable.element,
        el('div', { class: 'chart-foot' }, key, attribution),
      ),
      panel('Gap strip', this.#stripLabel, this.#strip.element),
      this.#patterns.element,
      el(
        'div',
        { class: 'symbol-side' },
        this.#regime.element,
        this.#breakPanel.element,
        this.#features.element,
        this.#trades.element,
      ),
    );
  }

  #go(symbol: string | undefined, timeframe: string): void {
    if (symbol !== undefined) this.#context.navigate(`/s/${encodeURIComponent(symbol)}?tf=${timeframe}`);
  }

  #neighbour(by: 1 | -1): boolean {
    const names = [...this.#context.store.symbols.keys()];
    const at = names.indexOf(this.#context.selection.symbol ?? '');
    const next = names[(at + by + names.length) % names.length];
    this.#go(next, this.#context.selection.timeframe);
    return true;
  }

  #toggleTable(): void {
    this.#showsTable = !this.#showsTable;
    this.#tableButton.setAttribute('aria-pressed', String(this.#showsTable));
    setText(this.#tableButton, this.#showsTable ? 'Hide table' : 'Show as table');
    this.#barTable.element.classList.toggle('shown', this.#showsTable);
    this.#context.requestPaint();
  }

  #paintStrip(nowMs: number): void {
    const { series } = this.#chart;
    const engineMs = this.#context.store.clock.nowMs(nowMs);
    if (series === undefined || engineMs === undefined) return;
    const isShort = series.timeframe === '1s' || series.timeframe === '1m';
    const fromMs = engineMs - (isShort ? SHORT_STRIP_MS : LONG_STRIP_MS);
    const clock = this.#chart.clock();
    const gaps = this.#chart.gapsHere().filter((gap) => gap.to === null || epochMs(gap.to) > fromMs);
    const words = gaps.length === 0 ? 'no gap' : `${gaps.length} ${gaps.length === 1 ? 'gap' : 'gaps'}`;
    const day = isShort ? '' : `${clock.day(fromMs)} `;
    const range = `${day}${clock.minute(fromMs)} to ${clock.minute(engineMs)} ${clock.name(engineMs)}`;
    const label = `${series.symbol}, ${range}: ${words}`;
    setText(this.#stripLabel, label);
    this.#strip.draw(gaps, fromMs, engineMs, clock, label);
  }
}
