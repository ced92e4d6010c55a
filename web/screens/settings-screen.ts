import type { AppContext, Screen } from '../app-context.ts';
import { el, setText } from '../dom/element.ts';
import { panel } from '../dom/state-panel.ts';
import { DEFAULT_SETTINGS, parseSettings, type Settings } from '../state/settings.ts';

type ChoiceKey = 'zone' | 'theme' | 'palette';

/** What this browser remembers: zone, theme, colours, keys; to file and back. */
export class SettingsScreen implements Screen {
  readonly title = 'Settings';
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #inputs: { readonly key: keyof Settings; readonly value: unknown; readonly input: HTMLInputElement }[] = [];
  readonly #message = el('p', { class: 'settings-message' });
  readonly #zoneNow = el('p', { class: 'muted' });
  readonly #json = el('textarea', { id: 'settings-json', attrs: { rows: '9', spellcheck: 'false' } });

  constructor(context: AppContext) {
    this.#context = context;
    const zone = this.#choices('zone', 'Time zone', [
      ['utc', 'UTC'],
      ['exchange', 'Exchange of the symbol'],
      ['local', `This browser (${Intl.DateTimeFormat().resolvedOptions().timeZone})`],
    ]);
    const theme = this.#choices('theme', 'Theme', [
      ['system', 'As the system'],
      ['dark', 'Dark'],
      ['light', 'Light'],
    ]);
    const palette = this.#choices('palette', 'Colours of direction', [
      ['safe', 'Safe: blue up, orange down, told apart by colour-blind eyes'],
      ['classic', 'Classic: teal up, red down'],
      ['red-up', 'Red up, teal down'],
    ]);
    const sample = el(
      'p',
      { class: 'palette-sample' },
      el('span', { class: 'up', text: '▲ +1.25 %' }),
      ' ',
      el('span', { class: 'down', text: '▼ −0.80 %' }),
      ' ',
      el('span', { class: 'flat', text: '■ 0.00 %' }),
    );
    this.element = el(
      'div',
      { class: 'screen settings' },
      el('h1', { class: 'screen-title', text: 'Settings' }),
      panel('Display', zone, this.#zoneNow, theme, palette, sample),
      panel(
        'Behaviour',
        this.#switch('hollowUp', 'Rising bars hollow, falling bars filled'),
        this.#switch('keys', 'Single-key commands (? lists them)'),
        this.#switch('drawer', 'Events drawer open on wide screens'),
      ),
      panel('Settings as JSON', this.#exchange()),
    );
    this.settingsChanged();
  }

  mount(): void {
    this.settingsChanged();
  }

  unmount(): void {}

  paint(nowMs: number): void {
    const engineMs = this.#context.store.clock.nowMs(nowMs) ?? nowMs;
    const symbol = this.#context.selection.symbol;
    setText(this.#zoneNow, `Now: ${this.#context.zoneClock(symbol).full(engineMs)}`);
  }

  settingsChanged(): void {
    const { current } = this.#context.settings;
    for (const { key, value, input } of this.#inputs) input.checked = current[key] === value;
    this.#json.value = JSON.stringify(current, null, 2);
  }

  #choices(key: ChoiceKey, title: string, options: readonly (readonly [string, string])[]): HTMLElement {
    const rows = options.map(([value, label]) => {
      const input = el('input', { attrs: { type: 'radio', name: key, value } });
      input.addEventListener('change', () => this.#context.settings.change({ [key]: value } as Partial<Settings>));
      this.#inputs.push({ key, value, input });
      return el('label', { class: 'choice' }, input, label);
    });
    return el('fieldset', {}, el('legend', { text: title }), ...rows);
  }

  #switch(key: 'hollowUp' | 'keys' | 'drawer', label: string): HTMLElement {
    const input = el('input', { attrs: { type: 'checkbox', name: key } });
    input.addEventListener('change', () => this.#context.settings.change({ [key]: input.checked }));
    this.#inputs.push({ key, value: true, input });
    return el('label', { class: 'choice' }, input, label);
  }

  #exchange(): HTMLElement {
    const save = el('button', { class: 'button', text: 'Save as file', attrs: { type: 'button' } });
    save.addEventListener('click', () => this.#saveFile());
    const apply = el('button', { class: 'button', text: 'Apply this text', attrs: { type: 'button' } });
    apply.addEventListener('click', () => this.#apply(this.#json.value));
    const reset = el('button', { class: 'button quiet', text: 'Back to defaults', attrs: { type: 'button' } });
    reset.addEventListener('click', () => this.#apply(JSON.stringify(DEFAULT_SETTINGS)));
    return el(
      'div',
      {},
      el('label', { text: 'Everything this browser remembers', attrs: { for: 'settings-json' } }),
      this.#json,
      el('p', { class: 'button-row' }, apply, save, reset),
      this.#message,
    );
  }

  #apply(text: string): void {
    try {
      this.#context.settings.change(parseSettings(text));
      setText(this.#message, 'Applied.');
    } catch (error) {
      setText(this.#message, `Not applied: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#context.announce(this.#message.textContent ?? '');
  }

  #saveFile(): void {
    const url = URL.createObjectURL(new Blob([this.#json.value], { type: 'application/json' }));
    el('a', { attrs: { href: url, download: 'tickloom-dashboard-settings.json' } }).click();
    URL.revokeObjectURL(url);
  }
}
