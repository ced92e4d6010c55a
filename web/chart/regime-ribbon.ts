import type { RegimeChangeEvent, WireRegimeClasses } from '../../src/api/protocol/index.ts';
import type { BarSeries } from '../state/bar-series.ts';
import { chartSeconds, epochMs } from '../time/chart-seconds.ts';
import { type Appearance, withAlpha } from './appearance.ts';
import { PaneLayer, type PaneTools } from './pane-layer.ts';

const TREND_HEIGHT = 11;
const VOLATILITY_HEIGHT = 8;
/** Pixels at the foot of the chart that belong to the ribbon. */
export const RIBBON_HEIGHT = TREND_HEIGHT + VOLATILITY_HEIGHT + 2;
const VOLATILITY_SHARE = { low: 0.25, medium: 0.6, high: 1 } as const;
const TREND_SIGNS = {
  strong_bear: '▼▼',
  weak_bear: '▼',
  sideways: '■',
  weak_bull: '▲',
  strong_bull: '▲▲',
} as const;

/** A stretch of bars in one regime, in pixels. */
interface Stretch {
  readonly from: number;
  to: number;
  readonly regime: WireRegimeClasses;
}

/**
 * The regime of each bar, as known at its close, under the candles: trend as arrows (two for a strong one), volatility
 * as a band that is the higher the wilder. Bars before the first known change, and while it warms up, stay empty.
 */
export class RegimeRibbon {
  readonly layer = new PaneLayer((tools) => this.#paint(tools));
  #changes: readonly (readonly [number, RegimeChangeEvent])[] = [];
  #series: BarSeries | undefined;
  #look: Appearance | undefined;

  /** @param changes oldest first */
  set(changes: readonly RegimeChangeEvent[], series: BarSeries | undefined, look: Appearance): void {
    this.#changes = changes.map((change) => [epochMs(change.bar_start), change]);
    this.#series = series;
    this.#look = look;
    this.layer.redraw();
  }

  #paint(tools: PaneTools): void {
    const look = this.#look;
    if (look === undefined || this.#changes.length === 0) return;
    const top = tools.height - RIBBON_HEIGHT;
    for (const stretch of this.#stretches(tools)) drawStretch(tools.context, stretch, top, look);
  }

  #stretches({ chart, spacing, width }: PaneTools): Stretch[] {
    const bars = this.#series?.bars ?? [];
    const range = chart.timeScale().getVisibleLogicalRange();
    const found: Stretch[] = [];
    if (range === null) return found;
    const last = Math.min(bars.length - 1, Math.ceil(range.to));
    for (let i = Math.max(0, Math.floor(range.from)); i <= last; i += 1) {
      const bar = bars[i];
      const regime = bar === undefined || !bar.final ? undefined : regimeAt(this.#changes, bar.startMs);
      const x = bar === undefined ? null : chart.timeScale().timeToCoordinate(chartSeconds(bar.startMs));
      if (regime === undefined || x === null || x > width) continue;
      const before = found.at(-1);
      const isSame = before?.regime.trend === regime.trend && before.regime.volatility === regime.volatility;
      if (isSame && x - spacing / 2 - before.to < 1) before.to = x + spacing / 2;
      else found.push({ from: x - spacing / 2, to: x + spacing / 2, regime });
    }
    return found;
  }
}

function regimeAt(
  changes: readonly (readonly [number, RegimeChangeEvent])[],
  startMs: number,
): WireRegimeClasses | undefined {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle] as readonly [number, RegimeChangeEvent])[0] <= startMs) low = middle + 1;
    else high = middle;
  }
  return changes[low - 1]?.[1].to;
}

function drawStretch(
  context: CanvasRenderingContext2D,
  { from, to, regime }: Stretch,
  top: number,
  look: Appearance,
): void {
  const width = Math.max(1, to - from);
  const { trend, volatility } = regime;
  if (trend !== null) {
    const colour = trend === 'sideways' ? look.muted : trend.endsWith('bull') ? look.up : look.down;
    context.fillStyle = withAlpha(colour, trend.startsWith('strong') ? 0.38 : 0.2);
    context.fillRect(from, top, width, TREND_HEIGHT);
    const sign = TREND_SIGNS[trend];
    if (width >= sign.length * 8 + 2) {
      context.font = '8px sans-serif';
      context.textAlign = 'center';
      context.fillStyle = look.text;
      context.fillText(sign, (Math.max(0, from) + to) / 2, top + TREND_HEIGHT - 3);
    }
  }
  if (volatility !== null) {
    const height = Math.max(2, VOLATILITY_HEIGHT * VOLATILITY_SHARE[volatility]);
    context.fillStyle = look.muted;
    context.fillRect(from, top + RIBBON_HEIGHT - height, width, height);
  }
  // A hairline where one regime ends and the next begins.
  context.fillStyle = look.panel;
  context.fillRect(to - 0.5, top, 0.5, RIBBON_HEIGHT);
}
