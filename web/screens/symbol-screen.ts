import type { AppContext, Screen } from '../app-context.ts';
import { readAppearance } from '../chart/appearance.ts';
import type { CandleChart } from '../chart/candle-chart.ts';
import { GapStrip } from '../chart/gap-strip.ts';
import { el, setAttr, setText } from '../dom/element.ts';
import { fixed, NO_VALUE, short, signed } from '../dom/number-text.ts';
import { emptyPanel, errorPanel, panel, skeleton } from '../dom/state-panel.ts';
import { modeWord } from '../frame/status-bar.ts';
import { ApiError, api } from '../net/api-client.ts';
import { type Bar, BarSeries, toBar } from '../state/bar-series.ts';
import type { SymbolState } from '../state/symbol-state.ts';
import { epochMs } from '../time/chart-seconds.ts';
import { ageText } from '../time/zone-clock.ts';
import { BarTable, barStateWords } from './bar-table.ts';
import { BreakPanel } from './break-panel.ts';
import { FeaturePanel } from './feature-panel.ts';
import { TimeframeStrip } from './timeframe-strip.ts';
import { TradeList } from './trade-list.ts';

const PAGE_BARS = 500;
const SUBSCRIPTION = 'symbol';

/** Candles of one symbol with everything that says how far they can be trusted. */
export class SymbolScreen implements Screen {
  readonly title = 'Symbol';
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #name = el('h1', { class: 'symbol-name' });
  readonly #last = el('span', { class: 'symbol-last' });
  readonly #change = el('span', { class: 'symbol-change' });
  readonly #badge = el('span', { class: 'state-badge' });
  readonly #chartBox = el('div', { class: 'chart-box', attrs: { tabindex: '0', role: 'group' } });
  readonly #legend = el('p', { class: 'chart-legend' });
  readonly #zone = el('span', { class: 'axis-zone', title: 'Time zone of the axis; z changes it' });
  readonly #live = el('button', { class: 'button go-live', text: 'Go to live', attrs: { type: 'button', hidden: '' } });
  readonly #cover = el('div', { class: 'chart-cover' });
  readonly #tableButton = el('button', {
    class: 'button quiet',
    text: 'Show as table',
    attrs: { type: 'button', 'aria-pressed': 'false' },
  });
  readonly #stripLabel = el('p', { class: 'muted panel-note' });
  readonly #strip = new GapStrip('Gaps');
  readonly #timeframes: TimeframeStrip;
  readonly #barTable: BarTable;
  readonly #features: FeaturePanel;
  readonly #trades: TradeList;
  readonly #breakPanel: BreakPanel;
  #chart: CandleChart | undefined;
  #series: BarSeries | undefined;
  #cursor: string | null = null;
  #isPaging = false;
  #point: Bar | undefined;
  #showsTable = false;
  #generation = 0;
  #marksDirty = true;
  #watermark: string | undefined;

  constructor(context: AppContext) {
    this.#context = context;
    this.#timeframes = new TimeframeStrip((timeframe) => this.#go(context.selection.symbol, timeframe));
    this.#barTable = new BarTable(context, () => this.#series?.symbol);
    this.#features = new FeaturePanel(context);
    this.#trades = new TradeList(context);
    this.#breakPanel = new BreakPanel(context);
    this.#live.addEventListener('click', () => this.#chart?.goLive());
    this.#tableButton.addEventListener('click', () => this.#toggleTable());
    this.element = this.#layout();
  }

  mount(): void {
    void this.#open();
  }

  unmount(): void {
    this.#generation += 1;
    this.#context.socket.unsubscribe(SUBSCRIPTION);
    this.#context.store.openSeries(undefined);
    this.#chart?.remove();
    this.#chart = undefined;
  }

  settingsChanged(): void {
    const { settings } = this.#context;
    this.#chart?.setAppearance(readAppearance(settings.current), this.#clock());
    this.#marksDirty = true;
    this.#paintLegend();
  }

  paintFast(): void {
    const { store } = this.#context;
    if (this.#chart === undefined || store.series === undefined) return;
    if (store.changedStarts.size > 0) {
      if (this.#showsCover()) this.#setCover(undefined);
      this.#chart.applyChanges(store.changedStarts, store.hasInserted);
      store.changedStarts.clear();
      store.hasInserted = false;
      this.#marksDirty = true;
      this.#paintLegend();
    }
    if (this.#marksDirty) {
      this.#marksDirty = false;
      this.#chart.setMarks(this.#gapsHere());
    }
  }

  paint(nowMs: number): void {
    const { store } = this.#context;
    if (this.#series === undefined && store.symbols.size > 0 && this.#generation === 0) void this.#open();
    const state = this.#state();
    this.#paintHeader(state, nowMs);
    this.#timeframes.update(store.timeframes, this.#context.selection.timeframe);
    this.#breakPanel.paint();
    this.#trades.update(store.trades, state?.digits ?? 2, nowMs);
    this.#features.update(store.features, nowMs);
    if (this.#showsTable && this.#series !== undefined)
      this.#barTable.update(this.#series, state?.digits ?? 2, state?.row.asset_class, nowMs);
    if (store.changed.has('gaps')) this.#marksDirty = true;
    this.#paintStrip(nowMs);
    this.#paintWatermark();
  }

  key(event: KeyboardEvent): boolean {
    if (event.key === '[' || event.key === ']') return this.#neighbour(event.key === ']' ? 1 : -1);
    if (event.key === 'End') {
      this.#chart?.goLive();
      return true;
    }
    if (event.key === 'r') {
      this.#context.announce(this.#legend.textContent ?? '');
      return true;
    }
    if (this.#timeframes.key(event)) return true;
    if (document.activeElement !== this.#chartBox) return false;
    return this.#chartKey(event.key);
  }

  #chartKey(key: string): boolean {
    if (key === '+' || key === '=') this.#chart?.zoom(1.25);
    else if (key === '-') this.#chart?.zoom(0.8);
    else if (key === 'ArrowLeft') this.#chart?.step(-1);
    else if (key === 'ArrowRight') this.#chart?.step(1);
    else if (key === 'Home') this.#chart?.step('first');
    else return false;
    return true;
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
    );
    return el(
      'div',
      { class: 'screen symbol' },
      el('div', { class: 'symbol-head' }, this.#name, this.#last, this.#change, this.#badge),
      el('div', { class: 'symbol-tools' }, this.#timeframes.element, this.#tableButton),
      el(
        'section',
        { class: 'panel chart-panel', attrs: { 'aria-label': 'Chart' } },
        this.#legend,
        el('div', { class: 'chart-frame' }, this.#chartBox, this.#cover, this.#zone, this.#live),
        this.#barTable.element,
        el('div', { class: 'chart-foot' }, key, attribution),
      ),
      panel('Gap strip', this.#stripLabel, this.#strip.element),
      el('div', { class: 'symbol-side' }, this.#breakPanel.element, this.#features.element, this.#trades.element),
    );
  }

  #state(): SymbolState | undefined {
    const { symbol } = this.#context.selection;
    return symbol === undefined ? undefined : this.#context.store.symbols.get(symbol);
  }

  #clock() {
    return this.#context.zoneClock(this.#series?.symbol);
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

  /** Opens the selected symbol: subscribes first, then reads history, so that nothing falls in between. */
  async #open(): Promise<void> {
    const { store, selection, socket } = this.#context;
    if (store.symbols.size === 0) {
      this.#setCover(store.run === undefined ? skeleton(10) : this.#noSymbols());
      return;
    }
    this.#generation += 1;
    const generation = this.#generation;
    selection.symbol ??= store.symbols.keys().next().value;
    const state = this.#state();
    this.#features.reset();
    this.#chart?.remove();
    this.#chart = undefined;
    this.#watermark = undefined;
    if (state === undefined) {
      this.#setCover(
        emptyPanel(
          `${selection.symbol} is not in this run`,
          'Add it at start:',
          `npx tickloom start --symbols ${selection.symbol}`,
        ),
      );
      return;
    }
    const series = new BarSeries(state.row.symbol, selection.timeframe);
    this.#series = series;
    this.#point = undefined;
    store.openSeries(series);
    this.#setCover(skeleton(10));
    socket.subscribe(SUBSCRIPTION, {
      channels: ['bars', 'features', 'trades'],
      symbols: [series.symbol],
      timeframes: [series.timeframe],
    });
    try {
      const [page, library] = await Promise.all([
        api.bars(state.row, series.timeframe, PAGE_BARS),
        import('../chart/candle-chart.ts'),
      ]);
      if (generation !== this.#generation) return;
      for (const row of page.bars) series.apply(toBar(row));
      this.#cursor = page.next_cursor;
      this.#showChart(
        new library.CandleChart(this.#chartBox, readAppearance(this.#context.settings.current), this.#clock(), {
          onNeedOlder: () => void this.#pageBack(),
          onPoint: (bar) => {
            this.#point = bar;
            this.#paintLegend();
          },
          onRightEdge: (isVisible) => {
            this.#live.hidden = isVisible;
          },
        }),
        series,
        state,
      );
      const features = await api.features(series.symbol, series.timeframe);
      if (generation === this.#generation) store.features = features;
      this.#context.requestPaint();
    } catch (error) {
      if (generation === this.#generation) this.#showFailure(error, series.bars.length > 0);
    }
  }

  #showChart(chart: CandleChart, series: BarSeries, state: SymbolState): void {
    this.#chart = chart;
    this.#context.store.changedStarts.clear();
    this.#context.store.hasInserted = false;
    chart.setSeries(series, state.digits);
    this.#marksDirty = true;
    const command = `npx tickloom bootstrap --symbols ${series.symbol}`;
    this.#setCover(
      series.bars.length > 0
        ? undefined
        : emptyPanel(
            `No ${series.timeframe} bars of ${series.symbol} yet`,
            'The first one appears with the first trade. Fetch history with:',
            command,
          ),
    );
    setAttr(
      this.#chartBox,
      'aria-label',
      `Candles of ${series.symbol}, ${series.timeframe}. Arrow keys go from bar to bar.`,
    );
    this.#paintLegend();
    this.#context.requestPaint();
  }

  #showFailure(error: unknown, hasBars: boolean): void {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof ApiError ? error.code : 'page_error';
    // Bars that are there stay: only what could not be read is told.
    if (hasBars) this.#context.showError(error);
    else this.#setCover(errorPanel(message, code, () => void this.#open()));
  }

  #noSymbols(): HTMLElement {
    return emptyPanel('This run has no symbols', 'Start it with some:', 'npx tickloom start --symbols AAPL,BTCUSD');
  }

  /** Older history, one request at a time. */
  async #pageBack(): Promise<void> {
    const series = this.#series;
    const state = this.#state();
    const cursor = this.#cursor;
    if (this.#isPaging || cursor === null || series === undefined || state === undefined) return;
    this.#isPaging = true;
    const generation = this.#generation;
    try {
      const page = await api.bars(state.row, series.timeframe, PAGE_BARS, cursor);
      if (generation !== this.#generation) return;
      this.#cursor = page.next_cursor;
      const added = series.prepend(page.bars.map((row) => toBar(row)));
      if (added > 0) this.#chart?.applyChanges(new Set(), true);
      this.#marksDirty = true;
    } catch (error) {
      this.#context.showError(error, () => void this.#pageBack());
    } finally {
      this.#isPaging = false;
    }
  }

  #showsCover(): boolean {
    return this.#cover.childElementCount > 0;
  }

  #setCover(content: HTMLElement | undefined): void {
    this.#cover.replaceChildren(...(content === undefined ? [] : [content]));
    this.#cover.hidden = content === undefined;
  }

  #toggleTable(): void {
    this.#showsTable = !this.#showsTable;
    this.#tableButton.setAttribute('aria-pressed', String(this.#showsTable));
    setText(this.#tableButton, this.#showsTable ? 'Hide table' : 'Show as table');
    this.#barTable.element.classList.toggle('shown', this.#showsTable);
    this.#context.requestPaint();
  }

  #paintHeader(state: SymbolState | undefined, nowMs: number): void {
    if (state === undefined) {
      setText(this.#name, this.#context.selection.symbol ?? 'Symbol');
      return;
    }
    const { store } = this.#context;
    setText(this.#name, state.row.symbol);
    setText(this.#last, fixed(state.last, state.digits));
    const change = state.change;
    const ratio = state.changeRatio;
    setText(
      this.#change,
      `${signed(change, state.digits)} (${ratio === undefined ? NO_VALUE : `${fixed(Math.abs(ratio) * 100, 2)} %`})`,
    );
    setAttr(
      this.#change,
      'class',
      `symbol-change ${change === undefined || change === 0 ? 'flat' : change > 0 ? 'up' : 'down'}`,
    );
    const fresh = store.freshness(state, nowMs);
    const age = store.ageMs(state, nowMs);
    const last = state.lastEventMs === undefined ? '' : `, last ${this.#clock().timeWithZone(state.lastEventMs)}`;
    setText(
      this.#badge,
      `${fresh === 'none' ? 'waiting' : fresh}${fresh === 'live' ? '' : last}${age === undefined ? '' : `, ${ageText(age)} ago`}`.replace(
        'now ago',
        'just now',
      ),
    );
    setAttr(this.#badge, 'data-state', fresh);
    setAttr(this.element, 'data-fresh', fresh);
    setText(this.#zone, this.#clock().name(store.clock.nowMs(nowMs) ?? nowMs));
  }

  #paintLegend(): void {
    const series = this.#series;
    const bar = this.#point ?? series?.last;
    if (series === undefined || bar === undefined) {
      setText(this.#legend, '');
      return;
    }
    const digits = this.#state()?.digits ?? 2;
    const held = series.find(bar.startMs) ?? bar;
    const versions = series.versions(held.startMs);
    const was =
      versions.length === 0
        ? ''
        : ` (was ${versions.map((v) => `r${v.revision} ${fixed(v.close, digits)}`).join(', ')})`;
    const numbers = `O ${fixed(held.open, digits)}  H ${fixed(held.high, digits)}  L ${fixed(held.low, digits)}  C ${fixed(held.close, digits)}`;
    const extra = `${signed(held.close - held.open, digits)}  V ${short(held.volume)}  n ${held.trade_count}`;
    const trust = `${barStateWords(held)}${was} · quality ${fixed(held.quality, 2)} · ${held.source}`;
    setText(
      this.#legend,
      `${series.timeframe} · ${this.#clock().full(held.startMs)} · ${numbers}  ${extra} · ${trust}`,
    );
  }

  #gapsHere() {
    const symbol = this.#series?.symbol;
    return [...this.#context.store.gaps.values()].filter((gap) => gap.symbol === symbol && gap.state !== 'closed');
  }

  #paintStrip(nowMs: number): void {
    const series = this.#series;
    const engineMs = this.#context.store.clock.nowMs(nowMs);
    if (series === undefined || engineMs === undefined) return;
    const spanMs = series.timeframe === '1s' || series.timeframe === '1m' ? 3_600_000 : 86_400_000;
    const fromMs = engineMs - spanMs;
    const clock = this.#clock();
    const gaps = this.#gapsHere().filter((gap) => gap.to === null || epochMs(gap.to) > fromMs);
    const words = gaps.length === 0 ? 'no gap' : `${gaps.length} ${gaps.length === 1 ? 'gap' : 'gaps'}`;
    const label = `${series.symbol}, ${clock.minute(fromMs)} to ${clock.minute(engineMs)} ${clock.name(engineMs)}: ${words}`;
    setText(this.#stripLabel, label);
    this.#strip.draw(gaps, fromMs, engineMs, clock, label);
  }

  #paintWatermark(): void {
    const { run } = this.#context.store;
    const text = run === undefined || run.mode === 'live' ? undefined : modeWord(run);
    if (this.#chart === undefined || text === this.#watermark) return;
    this.#watermark = text;
    this.#chart.setWatermark(text);
  }
}
