import { isTyping } from '../dom/element.ts';

/** What the frame does on a key. */
export interface FrameActions {
  readonly navigate: (address: string) => void;
  readonly search: () => void;
  readonly pause: () => void;
  readonly drawer: () => void;
  readonly mute: () => void;
  readonly theme: () => void;
  readonly zone: () => void;
  readonly keys: () => void;
  readonly back: () => void;
  /** A key for the screen that is open; says whether it was taken. */
  readonly screen: (event: KeyboardEvent) => boolean;
  /** Whether single keys are switched on. */
  readonly areKeysOn: () => boolean;
}

const GO: { readonly [key: string]: string } = {
  o: '/overview',
  s: '/s',
  p: '/signals',
  a: '/alerts',
  r: '/sources',
  d: '/data',
  y: '/system',
  ',': '/settings',
  b: '/about',
};
const GO_WAIT_MS = 1_200;

/** Listens to the keyboard: `g` and a letter goes to a screen, single keys act outside of input fields. */
export function listenToKeys(actions: FrameActions): void {
  let goUntilMs = 0;
  const single: { readonly [key: string]: () => void } = {
    '/': actions.search,
    ' ': actions.pause,
    n: actions.drawer,
    m: actions.mute,
    t: actions.theme,
    z: actions.zone,
    '?': actions.keys,
    Escape: actions.back,
  };
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      actions.search();
      return;
    }
    const isInDialog = document.querySelector('dialog[open]') !== null;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || isInDialog) return;
    if (!actions.areKeysOn() && event.key !== 'Escape') return;
    const address = Date.now() < goUntilMs ? GO[event.key] : undefined;
    goUntilMs = 0;
    if (address !== undefined) {
      event.preventDefault();
      actions.navigate(address);
      return;
    }
    if (event.key === 'g') {
      goUntilMs = Date.now() + GO_WAIT_MS;
      return;
    }
    // Space on a button presses the button.
    if (event.key === ' ' && event.target instanceof HTMLElement && event.target.closest('button, a, summary') !== null)
      return;
    const act = single[event.key];
    if (act !== undefined) {
      event.preventDefault();
      act();
    } else if (actions.screen(event)) {
      event.preventDefault();
    }
  });
}
