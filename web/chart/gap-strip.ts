import type { GapRow } from '../../src/api/protocol/index.ts';
import { svg } from '../dom/element.ts';
import { epochMs } from '../time/chart-seconds.ts';
import type { ZoneClock } from '../time/zone-clock.ts';

const WIDTH = 1000;
const HEIGHT = 18;

/** Words for the states of an interval, as the legend has them. */
export const GAP_STATE_WORDS: { readonly [K in GapRow['state']]: string } = {
  open: 'no data now',
  backfilling: 'being repaired',
  backfilled: 'backfilled',
  other_source: 'other source',
  missing: 'missing',
  closed: 'market closed',
};

let patternCount = 0;

/**
 * The gap ledger of one symbol as a strip of time: plain where data was live, patterned where it was not.
 * States differ by pattern, not only by hue; each stretch has its words as a tooltip.
 */
export class GapStrip {
  readonly element: SVGSVGElement;
  readonly #layer: SVGGElement;
  readonly #patternPrefix: string;

  constructor(label: string) {
    patternCount += 1;
    this.#patternPrefix = `gap${patternCount}`;
    this.#layer = svg('g');
    this.element = svg(
      'svg',
      {
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        preserveAspectRatio: 'none',
        class: 'gap-strip',
        role: 'img',
        'aria-label': label,
      },
      this.#patterns(),
      this.#layer,
    );
  }

  /** Draws `[fromMs, toMs)`; the gaps may reach beyond it. */
  draw(gaps: readonly GapRow[], fromMs: number, toMs: number, clock: ZoneClock, label: string): void {
    const scale = WIDTH / (toMs - fromMs);
    const nodes: SVGElement[] = [svg('rect', { x: 0, y: 0, width: WIDTH, height: HEIGHT, class: 'strip-live' })];
    for (const gap of gaps) {
      const startMs = Math.max(fromMs, epochMs(gap.from));
      const endMs = Math.min(toMs, gap.to === null ? toMs : epochMs(gap.to));
      if (endMs <= startMs) continue;
      const rect = svg('rect', {
        x: ((startMs - fromMs) * scale).toFixed(1),
        y: 0,
        width: Math.max(3, (endMs - startMs) * scale).toFixed(1),
        height: HEIGHT,
        class: `strip-${gap.state}`,
        fill: `url(#${this.#patternPrefix}-${gap.state})`,
      });
      const title = svg('title');
      title.textContent = `${clock.timeWithZone(startMs)} to ${gap.to === null ? 'now' : clock.timeWithZone(endMs)}: ${GAP_STATE_WORDS[gap.state]}, ${gap.reason}`;
      rect.append(title);
      nodes.push(rect);
    }
    this.#layer.replaceChildren(...nodes);
    this.element.setAttribute('aria-label', label);
  }

  #patterns(): SVGDefsElement {
    const shapes: { readonly [K in GapRow['state']]: string } = {
      open: 'M0 0h8v8h-8z',
      missing: 'M-1 9 9 -1M-1 1 1 -1M7 9 9 7',
      backfilling: 'M0 2h8M0 6h8',
      backfilled: 'M2 0v8M6 0v8',
      other_source: 'M0 4h4M4 0v8',
      closed: 'M1 1h.5M5 5h.5',
    };
    const defs = svg('defs');
    for (const [state, d] of Object.entries(shapes)) {
      defs.append(
        svg(
          'pattern',
          { id: `${this.#patternPrefix}-${state}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse' },
          svg('path', { d, class: `pattern-${state}` }),
        ),
      );
    }
    return defs;
  }
}
