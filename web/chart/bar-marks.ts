import type {
  IChartApi,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesApi,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  Time,
} from 'lightweight-charts';
import type { Bar } from '../state/bar-series.ts';
import { chartSeconds } from '../time/chart-seconds.ts';
import type { Appearance } from './appearance.ts';

/** What a bar needs to be told apart without colour. */
export interface MarkedBar {
  readonly bar: Bar;
  readonly isBackfilled: boolean;
  /** True when a stretch without data lies between the bar before and this one. */
  readonly hasGapBefore: boolean;
}

/** Below this quality a bar gets a dotted line over its high. */
export const LOW_QUALITY = 0.8;

type RenderTarget = Parameters<IPrimitivePaneRenderer['draw']>[0];

/**
 * Draws the state of bars in shapes: a forming bar as a dashed outline, a revised bar with a filled triangle and
 * its revision under it, a backfilled one with a hollow square, a gap as a hatched stripe. Shapes, because hues
 * of states come too close to the hues of direction for colour-blind eyes.
 */
export class BarMarks implements ISeriesPrimitive<Time> {
  #chart: IChartApi | undefined;
  #series: ISeriesApi<'Candlestick'> | undefined;
  #requestUpdate: (() => void) | undefined;
  #marked: readonly MarkedBar[] = [];
  #appearance: Appearance | undefined;
  readonly #views: readonly IPrimitivePaneView[];

  constructor() {
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

  /** Sets the bars to mark, and the colours to do it with. */
  set(marked: readonly MarkedBar[], appearance: Appearance): void {
    this.#marked = marked;
    this.#appearance = appearance;
    this.#requestUpdate?.();
  }

  #draw(target: RenderTarget): void {
    const chart = this.#chart;
    const series = this.#series;
    const look = this.#appearance;
    if (chart === undefined || series === undefined || look === undefined) return;
    const spacing = chart.timeScale().options().barSpacing;
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      context.save();
      for (const item of this.#marked) {
        const x = chart.timeScale().timeToCoordinate(chartSeconds(item.bar.startMs));
        if (x === null || x < -spacing || x > mediaSize.width + spacing) continue;
        if (item.hasGapBefore) drawGap(context, x - spacing / 2, mediaSize.height, look);
        const low = series.priceToCoordinate(item.bar.low);
        const high = series.priceToCoordinate(item.bar.high);
        if (low === null || high === null) continue;
        if (!item.bar.final) drawForming(context, series, item.bar, x, spacing, look);
        let y = low + 7;
        if (item.bar.revision > 0) {
          drawRevision(context, x, y, item.bar.revision, spacing, look);
          y += spacing >= 12 ? 18 : 9;
        }
        if (item.isBackfilled) drawBackfilled(context, x, y, look);
        if (item.bar.final && item.bar.quality < LOW_QUALITY) drawLowQuality(context, x, high - 6, spacing, look);
      }
      context.restore();
    });
  }
}

function drawForming(
  context: CanvasRenderingContext2D,
  series: ISeriesApi<'Candlestick'>,
  bar: Bar,
  x: number,
  spacing: number,
  look: Appearance,
): void {
  const [open, high, low, close] = [bar.open, bar.high, bar.low, bar.close].map((p) => series.priceToCoordinate(p));
  if (open == null || high == null || low == null || close == null) return;
  const half = Math.max(1.5, Math.floor(spacing * 0.4));
  const top = Math.min(open, close);
  const bottom = Math.max(open, close);
  context.strokeStyle = bar.close >= bar.open ? look.up : look.down;
  context.lineWidth = 1.5;
  context.setLineDash([3, 2]);
  context.strokeRect(x - half, top, half * 2, Math.max(2, bottom - top));
  context.beginPath();
  context.moveTo(x, high);
  context.lineTo(x, top);
  context.moveTo(x, bottom);
  context.lineTo(x, low);
  context.stroke();
  context.setLineDash([]);
}

function drawRevision(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  revision: number,
  spacing: number,
  look: Appearance,
): void {
  context.fillStyle = look.text;
  context.beginPath();
  context.moveTo(x, y - 4);
  context.lineTo(x + 4, y + 3);
  context.lineTo(x - 4, y + 3);
  context.closePath();
  context.fill();
  if (spacing < 12) return;
  context.font = '9px sans-serif';
  context.textAlign = 'center';
  context.fillText(`r${revision}`, x, y + 12);
}

function drawBackfilled(context: CanvasRenderingContext2D, x: number, y: number, look: Appearance): void {
  context.strokeStyle = look.text;
  context.lineWidth = 1.2;
  context.strokeRect(x - 3, y - 3, 6, 6);
}

function drawLowQuality(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  spacing: number,
  look: Appearance,
): void {
  context.strokeStyle = look.muted;
  context.lineWidth = 2;
  context.setLineDash([1, 2]);
  context.beginPath();
  context.moveTo(x - spacing / 2, y);
  context.lineTo(x + spacing / 2, y);
  context.stroke();
  context.setLineDash([]);
}

function drawGap(context: CanvasRenderingContext2D, x: number, height: number, look: Appearance): void {
  context.save();
  context.beginPath();
  context.rect(x - 3, 0, 6, height);
  context.clip();
  context.strokeStyle = look.border;
  context.lineWidth = 1;
  context.beginPath();
  for (let y = -6; y < height; y += 6) {
    context.moveTo(x - 3, y + 6);
    context.lineTo(x + 3, y);
  }
  context.stroke();
  context.restore();
}
