import { el } from './element.ts';

/** A labelled choice of one among few. */
export function choiceField<T extends string>(
  label: string,
  options: readonly (readonly [T, string])[],
  chosen: T,
  changed: (value: T) => void,
): { readonly element: HTMLElement; readonly select: HTMLSelectElement } {
  const select = el('select', {}, ...options.map(([value, words]) => el('option', { text: words, attrs: { value } })));
  select.value = chosen;
  select.addEventListener('change', () => changed(select.value as T));
  return { element: el('label', { class: 'field' }, el('span', { text: label }), select), select };
}

/** A labelled field for a part of a symbol's name. */
export function symbolField(changed: (wanted: string) => void): HTMLElement {
  const input = el('input', {
    attrs: { type: 'search', autocomplete: 'off', spellcheck: 'false', placeholder: 'all' },
  });
  // BTC/USD and BTC-USD mean the generic BTCUSD.
  input.addEventListener('input', () => changed(input.value.trim().toUpperCase().replace(/[/-]/g, '')));
  return el('label', { class: 'field' }, el('span', { text: 'Symbol' }), input);
}
