import type { FeatureRow, FeatureSnapshot } from '../../src/api/protocol/index.ts';
import type { AppContext } from '../app-context.ts';
import { el, setText } from '../dom/element.ts';
import { LiveTable } from '../dom/live-table.ts';
import { fixed } from '../dom/number-text.ts';
import { emptyPanel, panel, skeleton } from '../dom/state-panel.ts';
import { epochMs } from '../time/chart-seconds.ts';

function valueText(feature: FeatureRow): string {
  if (feature.value === null) {
    return feature.bars_to_warm > 0 ? `warming: ${feature.bars_to_warm} more bars` : 'undefined here';
  }
  const size = Math.abs(feature.value);
  return fixed(feature.value, size >= 1000 ? 2 : size >= 1 || size === 0 ? 4 : 6);
}

/** The features of the newest closed bar; what warms up says how many bars it still needs. */
export class FeaturePanel {
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #of = el('p', { class: 'muted panel-note' });
  readonly #place = el('div', {
    class: 'feature-place',
    attrs: { tabindex: '0', role: 'group', 'aria-label': 'Features of the newest closed bar' },
  });
  readonly #table: LiveTable<FeatureRow>;

  constructor(context: AppContext) {
    this.#context = context;
    this.#table = new LiveTable<FeatureRow>({
      caption: 'Features of the newest closed bar',
      class: 'feature-table',
      keyOf: (feature) => feature.name,
      rowState: (feature) => (feature.value === null ? 'warming' : undefined),
      columns: [
        {
          id: 'name',
          label: 'Feature',
          isRowHeader: true,
          text: (feature) => feature.name,
          title: (feature) => feature.description,
        },
        { id: 'value', label: 'Value', align: 'right', text: valueText, tint: true },
        { id: 'unit', label: 'Unit', text: (feature) => feature.unit },
      ],
    });
    this.#place.append(skeleton(6));
    this.element = panel('Features', this.#of, this.#place);
  }

  update(snapshot: FeatureSnapshot | undefined, nowMs: number): void {
    if (snapshot === undefined) return;
    if (snapshot.features.length === 0) {
      this.#place.replaceChildren(
        emptyPanel('No features here', `None is switched on for ${snapshot.timeframe}.`, 'npx tickloom config print'),
      );
      return;
    }
    const clock = this.#context.zoneClock(snapshot.symbol);
    const warming = snapshot.features.filter((feature) => feature.value === null).length;
    const of =
      snapshot.start === null ? 'no closed bar yet' : `of the bar ${clock.timeWithZone(epochMs(snapshot.start))}`;
    setText(this.#of, warming === 0 ? of : `${of} · ${warming} of ${snapshot.features.length} warming`);
    if (this.#table.element.parentElement === null) this.#place.replaceChildren(this.#table.element);
    this.#table.update(snapshot.features, nowMs);
  }

  /** Back to the skeleton, for another symbol or timeframe. */
  reset(): void {
    setText(this.#of, '');
    this.#place.replaceChildren(skeleton(6));
  }
}
