import type { WireOdds } from '../../src/api/protocol/index.ts';
import { el, setAttr, setText } from '../dom/element.ts';
import type { Column } from '../dom/live-table.ts';
import { fixed, NO_VALUE } from '../dom/number-text.ts';
import { edgeText, intervalText, oddsSentence, percentText } from '../state/statement-words.ts';

/** What a row must have for the columns of odds. */
export interface OddsRow {
  readonly probability: number | null;
  readonly odds: WireOdds | null;
}

/** Probability or "no edge measured", and beside it what it stands on: never one without the other. */
export function oddsColumns<Row>(of: (row: Row) => OddsRow): readonly Column<Row>[] {
  const odds = (row: Row): WireOdds | null => of(row).odds;
  return [
    { id: 'edge', label: 'Probability', widget: () => edgeWidget(of) },
    {
      id: 'success',
      label: 'Success (95 %)',
      align: 'right',
      text: (row) => {
        const found = odds(row);
        if (found === null || found.success_rate === null) return NO_VALUE;
        return `${percentText(found.success_rate)} (${intervalText(found)})`;
      },
      compare: (a, b) => (odds(a)?.success_rate ?? -1) - (odds(b)?.success_rate ?? -1),
    },
    {
      id: 'random',
      label: 'Random entry',
      align: 'right',
      text: (row) => {
        const found = odds(row);
        return found === null || found.n === 0 ? NO_VALUE : percentText(found.random_rate);
      },
    },
    {
      id: 'n',
      label: 'n (effective)',
      align: 'right',
      text: (row) => {
        const found = odds(row);
        return found === null ? NO_VALUE : `${fixed(found.n, 0)} (${fixed(found.n_effective, 0)})`;
      },
      title: () => 'Outcomes, and how many independent ones they amount to: those that overlap count as less than one',
      compare: (a, b) => (odds(a)?.n ?? -1) - (odds(b)?.n ?? -1),
    },
  ];
}

function edgeWidget<Row>(of: (row: Row) => OddsRow): { readonly element: Element; update(row: Row): void } {
  const element = el('span');
  return {
    element,
    update: (row) => {
      const { probability, odds } = of(row);
      setText(element, edgeText(probability, odds));
      setAttr(element, 'class', odds !== null && !odds.has_edge ? 'no-edge' : 'has-edge');
      setAttr(element, 'title', oddsSentence(probability, odds));
    },
  };
}

/** A column with a button that walks the statement back. */
export function explainColumn<Row>(
  idOf: (row: Row) => number,
  name: (row: Row) => string,
  explain: (id: number) => void,
): Column<Row> {
  return {
    id: 'explain',
    label: 'Why',
    widget: () => {
      const button = el('button', { class: 'button quiet explain-button', text: 'Explain', attrs: { type: 'button' } });
      let id = 0;
      button.addEventListener('click', (event) => {
        // The row has a meaning of its own.
        event.stopPropagation();
        explain(id);
      });
      return {
        element: button,
        update: (row) => {
          id = idOf(row);
          setAttr(button, 'aria-label', `Explain ${name(row)}`);
        },
      };
    },
  };
}
