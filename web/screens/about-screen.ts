import notice from '../../NOTICE?raw';
import type { AppContext, Screen } from '../app-context.ts';
import { el, setText } from '../dom/element.ts';
import { panel } from '../dom/state-panel.ts';

/** What this is, which run it shows, and whose work it stands on. */
export class AboutScreen implements Screen {
  readonly title = 'About';
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #run = el('p', { class: 'panel-note' });

  constructor(context: AppContext) {
    this.#context = context;
    const link = (text: string, href: string): HTMLElement => el('a', { text, attrs: { href } });
    this.element = el(
      'div',
      { class: 'screen about' },
      el('h1', { class: 'screen-title', text: 'About Tickloom' }),
      panel(
        'This run',
        this.#run,
        el(
          'p',
          { class: 'panel-note' },
          'The same data without the picture: ',
          link('API', '/docs'),
          ', ',
          link('OpenAPI', '/openapi.json'),
          ', ',
          link('metrics', '/metrics'),
          ', ',
          link('health', '/health'),
          '.',
        ),
      ),
      panel(
        'Notice',
        el('pre', { class: 'notice', text: notice, attrs: { tabindex: '0' } }),
        el('p', { class: 'panel-note' }, 'Charts: ', link('TradingView', 'https://www.tradingview.com/'), '.'),
      ),
    );
  }

  mount(): void {}

  unmount(): void {}

  paint(): void {
    const { run } = this.#context.store;
    setText(
      this.#run,
      run === undefined
        ? 'Not connected.'
        : `Tickloom ${run.version}, run ${run.run_id}, ${run.mode}, digest ${run.digest === '' ? 'not known yet' : run.digest}`,
    );
  }
}
