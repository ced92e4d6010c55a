import type { AppContext } from '../app-context.ts';
import { el } from '../dom/element.ts';
import { fixed, NO_VALUE } from '../dom/number-text.ts';
import { panel } from '../dom/state-panel.ts';
import type { BarSeries } from '../state/bar-series.ts';
import { percentText, trendWords } from '../state/statement-words.ts';
import { epochMs } from '../time/chart-seconds.ts';

/** The regime of the open series in words and numbers, as the ribbon under the chart shows it. */
export class RegimePanel {
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #body = el('dl', { class: 'regime-facts' });
  #drawn = '';

  constructor(context: AppContext) {
    this.#context = context;
    this.element = panel('Regime', this.#body);
  }

  paint(series: BarSeries | undefined): void {
    const { statements } = this.#context.store;
    const key = `${series?.symbol}|${series?.timeframe}|${statements.version}|${this.#context.settings.current.zone}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    const newest = series === undefined ? undefined : statements.regimes.at(-1);
    if (newest === undefined) {
      this.#body.replaceChildren(row('State', 'none yet: it needs some closed bars'));
      return;
    }
    const { current } = newest;
    this.#body.replaceChildren(
      row('Trend', trendWords(current)),
      row('Trend, deviations', fixed(current.trend_z, 2)),
      row('Volatility', current.volatility ?? NO_VALUE),
      row('Volatility of a day', current.volatility_pct === null ? NO_VALUE : `${fixed(current.volatility_pct, 2)} %`),
      row('Turbulent', percentText(current.turbulent_probability)),
      row('Change point', percentText(current.change_point_probability)),
      row('Since the bar', this.#context.zoneClock(newest.symbol).timeWithZone(epochMs(newest.bar_start))),
    );
  }
}

function row(name: string, value: string): HTMLElement {
  return el('div', {}, el('dt', { text: name }), el('dd', { text: value }));
}
