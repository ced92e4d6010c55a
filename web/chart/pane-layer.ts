import type {
  IChartApi,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesApi,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';

type RenderTarget = Parameters<IPrimitivePaneRenderer['draw']>[0];

/** What a layer draws with: pixels of the pane, and where times and prices lie. */
export interface PaneTools {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** Pixels from bar to bar. */
  readonly spacing: number;
  readonly chart: IChartApi;
  readonly series: ISeriesApi<'Candlestick'>;
}

/** A layer over the candles that is drawn by one function, in pixels of the page. */
export class PaneLayer implements ISeriesPrimitive<Time> {
  #chart: IChartApi | undefined;
  #series: ISeriesApi<'Candlestick'> | undefined;
  #requestUpdate: (() => void) | undefined;
  readonly #views: readonly IPrimitivePaneView[];
  readonly #paint: (tools: PaneTools) => void;

  constructor(paint: (tools: PaneTools) => void) {
    this.#paint = paint;
    const renderer: IPrimitivePaneRenderer = { draw: (target) => this.#draw(target) };
    this.#views = [{ zOrder: () => 'top', renderer: () => renderer }];
  }

  attached(parameters: SeriesAttachedParameter<Time>): void {
    this.#chart = parameters.chart as IChartApi;
    this.#series = parameters.series as ISeriesApi<'Candlestick'>;
    this.#requestUpdate = parameters.requestUpdate;
  }

  detached(): void {
    this.#chart = undefined;
    this.#series = undefined;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  /** Asks for a new picture. */
  redraw(): void {
    this.#requestUpdate?.();
  }

  #draw(target: RenderTarget): void {
    const chart = this.#chart;
    const series = this.#series;
    if (chart === undefined || series === undefined) return;
    const spacing = chart.timeScale().options().barSpacing;
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      context.save();
      this.#paint({ context, width: mediaSize.width, height: mediaSize.height, spacing, chart, series });
      context.restore();
    });
  }
}
