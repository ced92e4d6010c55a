import { setAttr, svg } from '../dom/element.ts';

const WIDTH = 96;
const HEIGHT = 24;

/** A small line of closes, scaled to its own range, with a dot on the newest. Decoration: the numbers stand beside it. */
export class Sparkline {
  readonly element: SVGSVGElement;
  readonly #line: SVGPathElement;
  readonly #dot: SVGCircleElement;

  constructor() {
    this.#line = svg('path', { fill: 'none', 'stroke-width': 1.4, class: 'spark-line' });
    this.#dot = svg('circle', { r: 2, class: 'spark-dot' });
    this.element = svg(
      'svg',
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, class: 'spark', 'aria-hidden': 'true' },
      this.#line,
      this.#dot,
    );
  }

  /** Draws the closes, oldest first. One value or none leaves the place empty. */
  draw(closes: readonly number[]): void {
    if (closes.length < 2) {
      setAttr(this.#line, 'd', undefined);
      this.#dot.setAttribute('visibility', 'hidden');
      return;
    }
    const low = Math.min(...closes);
    const range = Math.max(...closes) - low || 1;
    const stepX = (WIDTH - 6) / (closes.length - 1);
    let path = '';
    let x = 0;
    let y = 0;
    for (const [index, close] of closes.entries()) {
      x = 2 + index * stepX;
      y = HEIGHT - 3 - ((close - low) / range) * (HEIGHT - 6);
      path += `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    }
    setAttr(this.#line, 'd', path);
    this.#dot.setAttribute('visibility', 'visible');
    this.#dot.setAttribute('cx', x.toFixed(1));
    this.#dot.setAttribute('cy', y.toFixed(1));
    const direction = Math.sign((closes[closes.length - 1] as number) - (closes[0] as number));
    setAttr(this.element, 'data-direction', direction > 0 ? 'up' : direction < 0 ? 'down' : 'flat');
  }
}
