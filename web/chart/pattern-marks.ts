import type { PatternMatchEvent } from '../../src/api/protocol/index.ts';
import type { BarSeries } from '../state/bar-series.ts';
import { patternName } from '../state/statement-words.ts';
import { chartSeconds, epochMs } from '../time/chart-seconds.ts';
import type { Appearance } from './appearance.ts';
import { PaneLayer, type PaneTools } from './pane-layer.ts';

/** Formations that are drawn without being chosen: the newest ones. More would hide the candles. */
const SHOWN_FORMATIONS = 3;
/** What a bar's mark tells of where several patterns were found on it. */
const FAMILY_RANK = { chart: 2, tolerance: 1, candlestick: 0 } as const;

/**
 * Patterns in shapes: a triangle over the bar (its point says the direction, a diamond that there is none), small and
 * hollow for a few candles, filled for a chart or tolerance pattern, crossed out when withdrawn. Formations are lines
 * through their key points; the chosen pattern has its entry, target and stop as well.
 */
export class PatternMarks {
  readonly layer = new PaneLayer((tools) => this.#paint(tools));
  #byBar = new Map<number, PatternMatchEvent[]>();
  #formations: readonly PatternMatchEvent[] = [];
  #chosen: PatternMatchEvent | undefined;
  #series: BarSeries | undefined;
  #look: Appearance | undefined;

  /** @param patterns newest first */
  set(
    patterns: readonly PatternMatchEvent[],
    chosenId: number | undefined,
    series: BarSeries | undefined,
    look: Appearance,
  ): void {
    this.#series = series;
    this.#look = look;
    this.#byBar = new Map();
    for (const match of patterns) {
      const startMs = epochMs(match.bar_start);
      const held = this.#byBar.get(startMs);
      if (held === undefined) this.#byBar.set(startMs, [match]);
      else held.push(match);
    }
    this.#chosen = patterns.find((match) => match.id === chosenId);
    const newest = patterns
      .filter((match) => match.points.length > 1 && match.change !== 'withdrawn')
      .slice(0, SHOWN_FORMATIONS);
    const { points = [] } = this.#chosen ?? {};
    this.#formations = this.#chosen === undefined ? newest : points.length > 1 ? [this.#chosen] : [];
    this.layer.redraw();
  }

  #paint(tools: PaneTools): void {
    const look = this.#look;
    const bars = this.#series?.bars;
    if (look === undefined || bars === undefined) return;
    for (const match of this.#formations) drawFormation(tools, match, match === this.#chosen, look);
    if (this.#chosen !== undefined) drawLevels(tools, this.#chosen, look);
    const range = tools.chart.timeScale().getVisibleLogicalRange();
    if (range === null) return;
    const last = Math.min(bars.length - 1, Math.ceil(range.to));
    for (let i = Math.max(0, Math.floor(range.from)); i <= last; i += 1) {
      const bar = bars[i];
      const matches = bar === undefined ? undefined : this.#byBar.get(bar.startMs);
      if (bar === undefined || matches === undefined) continue;
      const x = tools.chart.timeScale().timeToCoordinate(chartSeconds(bar.startMs));
      const high = tools.series.priceToCoordinate(bar.high);
      if (x === null || high === null) continue;
      const [first] = [...matches].sort((a, b) => markRank(b, this.#chosen) - markRank(a, this.#chosen));
      if (first !== undefined) drawMark(tools, first, x, Math.max(8, high - 13), first === this.#chosen, look);
    }
  }
}

function markRank(match: PatternMatchEvent, chosen: PatternMatchEvent | undefined): number {
  if (match === chosen) return 10;
  return FAMILY_RANK[match.family] + (match.change === 'withdrawn' ? -5 : 0) + (match.direction === 'none' ? -0.5 : 0);
}

function colourOf(match: PatternMatchEvent, look: Appearance): string {
  if (match.change === 'withdrawn' || match.direction === 'none') return look.muted;
  return match.direction === 'up' ? look.up : look.down;
}

function drawMark(
  { context, spacing }: PaneTools,
  match: PatternMatchEvent,
  x: number,
  y: number,
  isChosen: boolean,
  look: Appearance,
): void {
  const isSmall = match.family === 'candlestick' && !isChosen;
  const size = isSmall ? Math.min(3, Math.max(1.5, spacing * 0.3)) : 5;
  const tip = match.direction === 'down' ? size : -size;
  context.beginPath();
  context.moveTo(x, y + tip);
  context.lineTo(x + size, match.direction === 'none' ? y : y - tip);
  if (match.direction === 'none') context.lineTo(x, y - tip);
  context.lineTo(x - size, match.direction === 'none' ? y : y - tip);
  context.closePath();
  context.lineWidth = 1.2;
  context.strokeStyle = colourOf(match, look);
  context.fillStyle = colourOf(match, look);
  if (isSmall || match.change === 'withdrawn') context.stroke();
  else context.fill();
  if (match.change === 'withdrawn') {
    context.strokeStyle = look.text;
    line(context, x - 6, y, x + 6, y);
  }
  if (isChosen) {
    context.strokeStyle = look.text;
    context.lineWidth = 1.5;
    context.strokeRect(x - 8, y - 8, 16, 16);
  }
}

function drawFormation(
  { context, chart, series }: PaneTools,
  match: PatternMatchEvent,
  isChosen: boolean,
  look: Appearance,
): void {
  const points = match.points.map(({ time, price }) => ({
    x: chart.timeScale().timeToCoordinate(chartSeconds(epochMs(time))),
    y: series.priceToCoordinate(price),
  }));
  // Parts of a formation that are not loaded have no place: a line through the rest would be another formation.
  if (points.some(({ x, y }) => x === null || y === null)) return;
  context.strokeStyle = look.text;
  context.fillStyle = look.text;
  context.lineWidth = isChosen ? 2.2 : 1.2;
  context.setLineDash(match.change === 'withdrawn' ? [2, 4] : []);
  context.beginPath();
  for (const [i, { x, y }] of points.entries()) {
    if (i === 0) context.moveTo(Number(x), Number(y));
    else context.lineTo(Number(x), Number(y));
  }
  context.stroke();
  context.setLineDash([]);
  for (const { x, y } of points) {
    context.beginPath();
    context.arc(Number(x), Number(y), isChosen ? 3.5 : 2.5, 0, 2 * Math.PI);
    context.fill();
  }
  const last = points.at(-1);
  if (last === undefined) return;
  label(context, patternName(match.pattern_id), Number(last.x) + 6, Number(last.y) - 5, look);
}

function drawLevels({ context, chart, series, width }: PaneTools, match: PatternMatchEvent, look: Appearance): void {
  const from = chart.timeScale().timeToCoordinate(chartSeconds(epochMs(match.bar_start))) ?? 0;
  for (const [name, price, dash] of [
    ['entry', match.entry_price, []],
    ['target', match.target_price, [6, 3]],
    ['stop', match.stop_loss, [2, 3]],
  ] as const) {
    const y = price === null ? null : series.priceToCoordinate(price);
    if (y === null) continue;
    context.strokeStyle = look.text;
    context.lineWidth = 1.2;
    context.setLineDash([...dash]);
    line(context, from, y, width, y);
    context.setLineDash([]);
    label(context, name, Math.min(from + 6, width - 40), y - 3, look);
  }
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

/** Text with the panel's colour around it, so that it can be read over candles. */
function label(context: CanvasRenderingContext2D, text: string, x: number, y: number, look: Appearance): void {
  context.font = '10px sans-serif';
  context.textAlign = 'left';
  context.lineWidth = 3;
  context.strokeStyle = look.panel;
  context.strokeText(text, x, y);
  context.fillStyle = look.text;
  context.fillText(text, x, y);
}
