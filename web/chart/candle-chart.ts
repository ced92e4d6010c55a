import {
  type CandlestickData,
  CandlestickSeries,
  ColorType,
  CrosshairMode,
  createChart,
  createTextWatermark,
  type HistogramData,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ITextWatermarkPluginApi,
  LineStyle,
  TickMarkType,
  type Time,
} from 'lightweight-charts';
import type { GapRow, PatternMatchEvent, RegimeChangeEvent } from '../../src/api/protocol/index.ts';
import { fixed } from '../dom/number-text.ts';
import type { Bar, BarSeries } from '../state/bar-series.ts';
import { chartSeconds, epochMs, timeframeMs } from '../time/chart-seconds.ts';
import type { ZoneClock } from '../time/zone-clock.ts';
import { type Appearance, withAlpha } from './appearance.ts';
import { BarMarks, type MarkedBar } from './bar-marks.ts';
import { PatternMarks } from './pattern-marks.ts';
import { RegimeRibbon } from './regime-ribbon.ts';

/** What the chart tells its screen. */
export interface CandleChartPorts {
  /** The left edge is near: older bars are wanted. */
  readonly onNeedOlder: () => void;
  /** The bar under the pointer or the keyboard cursor, or undefined for none. */
  readonly onPoint: (bar: Bar | undefined) => void;
  /** Whether the newest bar is in view. */
  readonly onRightEdge: (isVisible: boolean) => void;
}

const BARS_BEFORE_PAGING = 40;
const RIGHT_OFFSET_BARS = 6;
const TRANSPARENT = '#00000000';

/** Candles, volume and bar states of one series. Bars may come late: an older bar is redrawn in its place. */
export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<'Candlestick'>;
  readonly #volume: ISeriesApi<'Histogram'>;
  readonly #lastPrice: IPriceLine;
  readonly #marks = new BarMarks();
  readonly #patterns = new PatternMarks();
  readonly #ribbon = new RegimeRibbon();
  readonly #ports: CandleChartPorts;
  #watermark: ITextWatermarkPluginApi<Time> | undefined;
  #series: BarSeries | undefined;
  #appearance: Appearance;
  #clock: ZoneClock;
  #cursor: number | undefined;
  #isDaily = false;
  #newestDrawnMs = Number.NEGATIVE_INFINITY;

  constructor(container: HTMLElement, appearance: Appearance, clock: ZoneClock, ports: CandleChartPorts) {
    this.#ports = ports;
    this.#appearance = appearance;
    this.#clock = clock;
    this.#chart = createChart(container, {
      autoSize: true,
      crosshair: { mode: CrosshairMode.Normal },
      timeScale: {
        timeVisible: true,
        secondsVisible: false,
        rightOffset: RIGHT_OFFSET_BARS,
        minBarSpacing: 1,
        barSpacing: 9,
      },
      // A phone's page scroll must never be trapped by the chart.
      handleScroll: { vertTouchDrag: !window.matchMedia('(max-width: 719px)').matches },
      // The logo brings an inline style sheet that a strict content security policy refuses; the screen shows the
      // attribution with its link as text instead.
      layout: { attributionLogo: false },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, {
      // The library colours its own last-price label like the bar, and a forming bar has no colour of its own.
      priceLineVisible: false,
      lastValueVisible: false,
    });
    this.#lastPrice = this.#candles.createPriceLine({ price: 0, lineStyle: LineStyle.Dotted, lineVisible: false });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: 'volume',
      priceFormat: { type: 'volume' },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#chart.priceScale('volume').applyOptions({ scaleMargins: { top: 0.8, bottom: 0.07 } });
    this.#chart.priceScale('right').applyOptions({ scaleMargins: { top: 0.12, bottom: 0.24 } });
    this.#candles.attachPrimitive(this.#marks);
    this.#candles.attachPrimitive(this.#patterns.layer);
    this.#candles.attachPrimitive(this.#ribbon.layer);
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range === null) return;
      if (range.from < BARS_BEFORE_PAGING) this.#ports.onNeedOlder();
      this.#ports.onRightEdge(this.#chart.timeScale().scrollPosition() > -3);
    });
    this.#chart.subscribeCrosshairMove((move) => {
      if (move.time === undefined || move.point === undefined) {
        if (this.#cursor === undefined) this.#ports.onPoint(undefined);
        return;
      }
      this.#cursor = undefined;
      this.#ports.onPoint(this.#series?.find(Number(move.time) * 1000));
    });
    this.setAppearance(appearance, clock);
  }

  /** Colours and zone. Redraws everything, because colours of bars depend on them. */
  setAppearance(appearance: Appearance, clock: ZoneClock): void {
    this.#appearance = appearance;
    this.#clock = clock;
    this.#chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: appearance.panel },
        textColor: appearance.muted,
        fontFamily: getComputedStyle(document.body).fontFamily,
        fontSize: 11,
      },
      crosshair: {
        vertLine: { color: appearance.muted, labelBackgroundColor: appearance.text },
        horzLine: { color: appearance.muted, labelBackgroundColor: appearance.text },
      },
      grid: { vertLines: { color: appearance.hairline }, horzLines: { color: appearance.hairline } },
      rightPriceScale: { borderColor: appearance.border },
      timeScale: {
        borderColor: appearance.border,
        tickMarkFormatter: (time: Time, type: TickMarkType) => this.#tickMark(Number(time) * 1000, type),
      },
      localization: { timeFormatter: (time: Time) => this.#clock.full(Number(time) * 1000) },
    });
    this.#candles.applyOptions({
      upColor: appearance.hollowUp ? TRANSPARENT : appearance.up,
      borderUpColor: appearance.up,
      wickUpColor: appearance.up,
      downColor: appearance.down,
      borderDownColor: appearance.down,
      wickDownColor: appearance.down,
    });
    this.#setAll();
  }

  /** Draws another series from scratch. */
  setSeries(series: BarSeries, digits: number): void {
    this.#series = series;
    this.#cursor = undefined;
    this.#isDaily = timeframeMs(series.timeframe) >= 86_400_000;
    const formatter = (price: number): string => fixed(price, digits);
    this.#candles.applyOptions({ priceFormat: { type: 'custom', formatter, minMove: 10 ** -digits } });
    this.#chart.timeScale().applyOptions({ secondsVisible: timeframeMs(series.timeframe) < 60_000 });
    this.#setAll();
    this.#chart.timeScale().scrollToPosition(RIGHT_OFFSET_BARS, false);
  }

  /** Brings changed bars in, oldest first; `rebuild` when one was put in between others. */
  applyChanges(changedStarts: ReadonlySet<number>, rebuild: boolean): void {
    const series = this.#series;
    if (series === undefined) return;
    if (rebuild) {
      this.#setAll();
      return;
    }
    for (const startMs of [...changedStarts].sort((a, b) => a - b)) {
      const bar = series.find(startMs);
      if (bar === undefined) continue;
      // Only the newest bar may be updated without saying that it is an older one.
      const isHistorical = this.#newestDrawnMs > startMs;
      this.#newestDrawnMs = Math.max(this.#newestDrawnMs, startMs);
      this.#candles.update(this.#candle(bar), isHistorical);
      this.#volume.update(this.#volumeBar(bar), isHistorical);
    }
    this.#showLastPrice();
  }

  /** Marks states of bars; `gaps` are those of this symbol. */
  setMarks(gaps: readonly GapRow[]): void {
    const series = this.#series;
    if (series === undefined) return;
    const stepMs = timeframeMs(series.timeframe);
    const marked: MarkedBar[] = [];
    let previous: Bar | undefined;
    for (const bar of series.bars) {
      const isBackfilled = gaps.some((gap) => isRepaired(gap) && overlaps(gap, bar.startMs, bar.startMs + stepMs));
      const from = previous === undefined ? bar.startMs : previous.startMs + stepMs;
      const hasGapBefore = bar.startMs > from && gaps.some((gap) => overlaps(gap, from, bar.startMs));
      if (isBackfilled || hasGapBefore || !bar.final || bar.revision > 0 || bar.quality < 0.8) {
        marked.push({ bar, isBackfilled, hasGapBefore });
      }
      previous = bar;
    }
    this.#marks.set(marked, this.#appearance);
  }

  /** Marks patterns (newest first) and regimes (oldest first); the chosen pattern stands out. */
  setStatements(
    patterns: readonly PatternMatchEvent[],
    regimes: readonly RegimeChangeEvent[],
    chosenId: number | undefined,
  ): void {
    this.#patterns.set(patterns, chosenId, this.#series, this.#appearance);
    this.#ribbon.set(regimes, this.#series, this.#appearance);
  }

  /** A word across the chart for runs that are not live; undefined takes it away. */
  setWatermark(text: string | undefined): void {
    this.#watermark?.detach();
    this.#watermark = undefined;
    const pane = this.#chart.panes()[0];
    if (text === undefined || pane === undefined) return;
    this.#watermark = createTextWatermark(pane, {
      horzAlign: 'center',
      vertAlign: 'center',
      lines: [{ text, color: withAlpha(this.#appearance.muted, 0.16), fontSize: 64, fontStyle: 'bold' }],
    });
  }

  goLive(): void {
    this.#cursor = undefined;
    this.#chart.clearCrosshairPosition();
    this.#ports.onPoint(undefined);
    this.#chart.timeScale().scrollToPosition(RIGHT_OFFSET_BARS, false);
  }

  /** Zooms around the right edge: above 1 in, below 1 out. */
  zoom(factor: number): void {
    const scale = this.#chart.timeScale();
    scale.applyOptions({ barSpacing: Math.min(60, Math.max(1, scale.options().barSpacing * factor)) });
  }

  /** Moves the keyboard cursor by bars, or to the first one. */
  step(by: number | 'first'): Bar | undefined {
    const bars = this.#series?.bars ?? [];
    if (bars.length === 0) return undefined;
    const last = bars.length - 1;
    const next = by === 'first' ? 0 : Math.min(last, Math.max(0, (this.#cursor ?? last) + by));
    this.#cursor = next;
    const bar = bars[next] as Bar;
    this.#chart.setCrosshairPosition(bar.close, chartSeconds(bar.startMs), this.#candles);
    const range = this.#chart.timeScale().getVisibleLogicalRange();
    if (range !== null && (next < range.from || next > range.to)) {
      const width = range.to - range.from;
      this.#chart.timeScale().setVisibleLogicalRange({ from: next - width / 2, to: next + width / 2 });
    }
    this.#ports.onPoint(bar);
    return bar;
  }

  remove(): void {
    this.#chart.remove();
  }

  #setAll(): void {
    const bars = this.#series?.bars ?? [];
    this.#newestDrawnMs = bars[bars.length - 1]?.startMs ?? Number.NEGATIVE_INFINITY;
    this.#candles.setData(bars.map((bar) => this.#candle(bar)));
    this.#volume.setData(bars.map((bar) => this.#volumeBar(bar)));
    this.#showLastPrice();
  }

  #showLastPrice(): void {
    const last = this.#series?.last;
    if (last === undefined) {
      this.#lastPrice.applyOptions({ lineVisible: false, axisLabelVisible: false });
      return;
    }
    const colour = last.close >= last.open ? this.#appearance.up : this.#appearance.down;
    this.#lastPrice.applyOptions({
      price: last.close,
      color: colour,
      lineVisible: true,
      axisLabelVisible: true,
      axisLabelColor: colour,
      axisLabelTextColor: this.#appearance.panel,
    });
  }

  #candle(bar: Bar): CandlestickData<Time> {
    const point = { time: chartSeconds(bar.startMs), open: bar.open, high: bar.high, low: bar.low, close: bar.close };
    // A forming bar is drawn by the marks, as a dashed outline.
    if (!bar.final) return { ...point, color: TRANSPARENT, borderColor: TRANSPARENT, wickColor: TRANSPARENT };
    return point;
  }

  #volumeBar(bar: Bar): HistogramData<Time> {
    const colour = bar.close >= bar.open ? this.#appearance.up : this.#appearance.down;
    return { time: chartSeconds(bar.startMs), value: bar.volume, color: withAlpha(colour, bar.final ? 0.45 : 0.2) };
  }

  #tickMark(timeMs: number, type: TickMarkType): string {
    if (this.#isDaily && type >= TickMarkType.DayOfMonth) return this.#clock.day(timeMs);
    switch (type) {
      case TickMarkType.Year:
      case TickMarkType.Month:
        return this.#clock.monthMark(timeMs);
      case TickMarkType.DayOfMonth: {
        // The library marks days at UTC midnight; in another zone that is some hour of the day.
        const minute = this.#clock.minute(timeMs);
        return minute === '00:00' ? this.#clock.day(timeMs) : `${this.#clock.day(timeMs)} ${minute}`;
      }
      case TickMarkType.TimeWithSeconds:
        return this.#clock.time(timeMs);
      default:
        return this.#clock.minute(timeMs);
    }
  }
}

function isRepaired(gap: GapRow): boolean {
  return gap.state === 'backfilled' || gap.state === 'other_source';
}

function overlaps(gap: GapRow, fromMs: number, toMs: number): boolean {
  const gapTo = gap.to === null ? Number.POSITIVE_INFINITY : epochMs(gap.to);
  return epochMs(gap.from) < toMs && gapTo > fromMs;
}
