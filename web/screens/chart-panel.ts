import type { GapRow, PatternMatchEvent } from '../../src/api/protocol/index.ts';
import type { AppContext } from '../app-context.ts';
import { readAppearance } from '../chart/appearance.ts';
import type { CandleChart, CandleChartPorts } from '../chart/candle-chart.ts';
import { el, setAttr, setText } from '../dom/element.ts';
import { fixed, short, signed } from '../dom/number-text.ts';
import { emptyPanel, errorPanel, skeleton } from '../dom/state-panel.ts';
import { modeWord } from '../frame/status-bar.ts';
import { ApiError, api } from '../net/api-client.ts';
import { type Bar, BarSeries, toBar } from '../state/bar-series.ts';
import { directionWords, patternName } from '../state/statement-words.ts';
import type { SymbolState } from '../state/symbol-state.ts';
import { epochMs } from '../time/chart-seconds.ts';
import type { ZoneClock } from '../time/zone-clock.ts';
import { barStateWords } from './bar-table.ts';

const PAGE_BARS = 500;
const SUBSCRIPTION = 'symbol';
/** Names of patterns in the line over the chart; of more, how many. */
const NAMED_PATTERNS = 4;

/** The chart of the selected symbol with its legend; reads history by HTTP and carries it on with events. */
export class ChartPanel {
  readonly element: HTMLElement;
  readonly legend = el('p', { class: 'chart-legend' });
  readonly #context: AppContext;
  readonly #chartBox = el('div', { class: 'chart-box', attrs: { tabindex: '0', role: 'group' } });
  readonly #zone = el('span', { class: 'axis-zone', title: 'Time zone of the axis; z changes it' });
  readonly #live = el('button', { class: 'button go-live', text: 'Go to live', attrs: { type: 'button', hidden: '' } });
  readonly #cover = el('div', { class: 'chart-cover' });
  #chart: CandleChart | undefined;
  #series: BarSeries | undefined;
  /** Continues towards the past; null at the beginning of history. */
  #cursor: string | null = null;
  #isPaging = false;
  #point: Bar | undefined;
  #generation = 0;
  #saysEmpty = false;
  #marksDirty = true;
  #watermark: string | undefined;
  #drawnStatements = -1;
  /** What was found at the close of a bar, by its start. */
  #patternNames = new Map<number, string[]>();

  constructor(context: AppContext) {
    this.#context = context;
    this.#live.addEventListener('click', () => this.#chart?.goLive());
    this.element = el('div', { class: 'chart-frame' }, this.#chartBox, this.#cover, this.#zone, this.#live);
  }

  /** The bars that are shown, once a symbol is open. */
  get series(): BarSeries | undefined {
    return this.#series;
  }

  /** The clock of the open symbol. */
  clock(): ZoneClock {
    return this.#context.zoneClock(this.#series?.symbol);
  }

  /** State of the selected symbol, or undefined when the run has no such symbol. */
  symbolState(): SymbolState | undefined {
    const { symbol } = this.#context.selection;
    return symbol === undefined ? undefined : this.#context.store.symbols.get(symbol);
  }

  /** Gaps of the open symbol while its market was open. */
  gapsHere(): readonly GapRow[] {
    const symbol = this.#series?.symbol;
    return [...this.#context.store.gaps.values()].filter((gap) => gap.symbol === symbol && gap.state !== 'closed');
  }

  /** True until the list of symbols came and one was opened. */
  get isWaiting(): boolean {
    return this.#generation === 0;
  }

  /** Opens the selected symbol: subscribes first, then reads history, so that nothing falls in between. */
  async open(): Promise<void> {
    const { store, selection, socket } = this.#context;
    if (store.symbols.size === 0) {
      if (this.#saysEmpty) return;
      this.#saysEmpty = store.isListed;
      const advice = 'Start it with some:';
      const command = 'npx tickloom start --symbols AAPL,BTCUSD';
      this.#setCover(store.isListed ? emptyPanel('This run has no symbols', advice, command) : skeleton(10));
      return;
    }
    this.#generation += 1;
    const generation = this.#generation;
    selection.symbol ??= store.symbols.keys().next().value;
    const state = this.symbolState();
    this.#removeChart();
    if (state === undefined) {
      const command = `npx tickloom start --symbols ${selection.symbol}`;
      this.#setCover(emptyPanel(`${selection.symbol} is not in this run`, 'Add it at start:', command));
      return;
    }
    const series = new BarSeries(state.row.symbol, selection.timeframe);
    this.#series = series;
    this.#point = undefined;
    store.openSeries(series);
    this.#setCover(skeleton(10));
    socket.subscribe(SUBSCRIPTION, {
      channels: ['bars', 'features', 'trades', 'pattern_matches', 'regime_changes', 'outcomes'],
      symbols: [series.symbol],
      timeframes: [series.timeframe],
    });
    try {
      await this.#load(series, state, generation);
    } catch (error) {
      if (generation === this.#generation) this.#showFailure(error);
    }
  }

  close(): void {
    this.#generation += 1;
    this.#context.socket.unsubscribe(SUBSCRIPTION);
    this.#context.store.openSeries(undefined);
    this.#removeChart();
  }

  settingsChanged(): void {
    this.#chart?.setAppearance(readAppearance(this.#context.settings.current), this.clock());
    this.#marksDirty = true;
    this.#drawnStatements = -1;
    this.#paintLegend();
  }

  /** Bars that changed since the last frame. */
  paintFast(): void {
    const { store } = this.#context;
    if (this.#chart === undefined || store.series === undefined) return;
    if (store.changedStarts.size > 0) {
      if (!this.#cover.hidden) this.#setCover(undefined);
      this.#chart.applyChanges(store.changedStarts, store.hasInserted);
      store.changedStarts.clear();
      store.hasInserted = false;
      this.#marksDirty = true;
      this.#paintLegend();
    }
    if (this.#marksDirty) {
      this.#marksDirty = false;
      this.#chart.setMarks(this.gapsHere());
    }
  }

  /** Draws patterns and regimes where they changed. */
  showStatements(patterns: readonly PatternMatchEvent[], chosenId: number | undefined, version: number): void {
    if (this.#chart === undefined || version === this.#drawnStatements) return;
    this.#drawnStatements = version;
    this.#patternNames = new Map();
    for (const match of patterns) {
      const startMs = epochMs(match.bar_start);
      const said = `${directionWords(match.direction).charAt(0)} ${patternName(match.pattern_id)}${match.change === 'withdrawn' ? ' (withdrawn)' : ''}`;
      this.#patternNames.set(startMs, [...(this.#patternNames.get(startMs) ?? []), said]);
    }
    this.#chart.setStatements(patterns, this.#context.store.statements.regimes, chosenId);
    this.#paintLegend();
  }

  paint(nowMs: number): void {
    const { store } = this.#context;
    if (store.changed.has('gaps')) this.#marksDirty = true;
    setText(this.#zone, this.clock().name(store.clock.nowMs(nowMs) ?? nowMs));
    const text = store.run === undefined || store.run.mode === 'live' ? undefined : modeWord(store.run);
    if (this.#chart === undefined || text === this.#watermark) return;
    this.#watermark = text;
    this.#chart.setWatermark(text);
  }

  /** Keys of the chart; arrows and zoom only while it has the focus. */
  key(key: string): boolean {
    if (key === 'End') {
      this.#chart?.goLive();
      return true;
    }
    if (document.activeElement !== this.#chartBox) return false;
    if (key === '+' || key === '=') this.#chart?.zoom(1.25);
    else if (key === '-') this.#chart?.zoom(0.8);
    else if (key === 'ArrowLeft') this.#chart?.step(-1);
    else if (key === 'ArrowRight') this.#chart?.step(1);
    else if (key === 'Home') this.#chart?.step('first');
    else return false;
    return true;
  }

  async #load(series: BarSeries, state: SymbolState, generation: number): Promise<void> {
    const { store, settings } = this.#context;
    const [page, library] = await Promise.all([
      api.bars(state.row, series.timeframe, PAGE_BARS),
      import('../chart/candle-chart.ts'),
    ]);
    if (generation !== this.#generation) return;
    for (const row of page.bars) series.apply(toBar(row));
    this.#cursor = page.next_cursor;
    const look = readAppearance(settings.current);
    this.#showChart(new library.CandleChart(this.#chartBox, look, this.clock(), this.#ports()), series, state);
    const features = await api.features(series.symbol, series.timeframe);
    if (generation !== this.#generation) return;
    store.features = features;
    this.#context.requestPaint();
  }

  #ports(): CandleChartPorts {
    return {
      onNeedOlder: () => void this.#pageBack(),
      onPoint: (bar) => {
        this.#point = bar;
        this.#paintLegend();
      },
      onRightEdge: (isVisible) => {
        this.#live.hidden = isVisible;
      },
    };
  }

  #showChart(chart: CandleChart, series: BarSeries, state: SymbolState): void {
    this.#chart = chart;
    this.#context.store.changedStarts.clear();
    this.#context.store.hasInserted = false;
    chart.setSeries(series, state.digits);
    this.#marksDirty = true;
    const cause = `No ${series.timeframe} bars of ${series.symbol} yet`;
    const advice = 'The first one appears with the first trade. Fetch history with:';
    const command = `npx tickloom bootstrap --symbols ${series.symbol}`;
    this.#setCover(series.bars.length > 0 ? undefined : emptyPanel(cause, advice, command));
    const label = `Candles of ${series.symbol}, ${series.timeframe}. Arrow keys go from bar to bar.`;
    setAttr(this.#chartBox, 'aria-label', label);
    this.#paintLegend();
    this.#context.requestPaint();
  }

  #removeChart(): void {
    this.#chart?.remove();
    this.#chart = undefined;
    this.#watermark = undefined;
    this.#drawnStatements = -1;
    this.#patternNames = new Map();
  }

  #showFailure(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof ApiError ? error.code : 'page_error';
    // A chart that is drawn stays: only what could not be read is told.
    if (this.#chart !== undefined) this.#context.showError(error);
    else this.#setCover(errorPanel(message, code, () => void this.open()));
  }

  /** Older history, one request at a time. */
  async #pageBack(): Promise<void> {
    const series = this.#series;
    const state = this.symbolState();
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

  #setCover(content: HTMLElement | undefined): void {
    this.#cover.replaceChildren(...(content === undefined ? [] : [content]));
    this.#cover.hidden = content === undefined;
  }

  #paintLegend(): void {
    const series = this.#series;
    const pointed = this.#point ?? series?.last;
    if (series === undefined || pointed === undefined) {
      setText(this.legend, '');
      return;
    }
    const digits = this.symbolState()?.digits ?? 2;
    const bar = series.find(pointed.startMs) ?? pointed;
    const versions = series.versions(bar.startMs).map((one) => `r${one.revision} ${fixed(one.close, digits)}`);
    const was = versions.length === 0 ? '' : ` (was ${versions.join(', ')})`;
    const prices = [bar.open, bar.high, bar.low, bar.close].map((price) => fixed(price, digits));
    const numbers = `O ${prices[0]}  H ${prices[1]}  L ${prices[2]}  C ${prices[3]}`;
    const extra = `${signed(bar.close - bar.open, digits)}  V ${short(bar.volume)}  n ${bar.trade_count}`;
    const trust = `${barStateWords(bar)}${was} · quality ${fixed(bar.quality, 2)} · ${bar.source}`;
    const found = this.#patternNames.get(bar.startMs);
    const patterns = found === undefined ? '' : ` · ${found.slice(0, NAMED_PATTERNS).join(', ')}`;
    const more = found === undefined || found.length <= NAMED_PATTERNS ? '' : ` +${found.length - NAMED_PATTERNS}`;
    const text = `${series.timeframe} · ${this.clock().full(bar.startMs)} · ${numbers}  ${extra} · ${trust}`;
    setText(this.legend, `${text}${patterns}${more}`);
  }
}
