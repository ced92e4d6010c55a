import type { LiveSocket } from './net/live-socket.ts';
import type { Inbox } from './state/inbox.ts';
import type { LiveStore } from './state/live-store.ts';
import type { SettingsStore } from './state/settings.ts';
import type { ZoneClock } from './time/zone-clock.ts';

/** What every part of the page works with. */
export interface AppContext {
  readonly store: LiveStore;
  readonly settings: SettingsStore;
  readonly socket: LiveSocket;
  readonly inbox: Inbox;
  /** The clock of the chosen zone; `symbol` decides what "exchange" means. */
  zoneClock(symbol?: string): ZoneClock;
  /** Goes to a screen, by its address after the `#`. */
  navigate(address: string): void;
  /** Says one thing through the page's only status region. */
  announce(text: string): void;
  /** Tells a failure that concerns the whole page, with a way to try again. */
  showError(error: unknown, retry?: () => void): void;
  /** Shows what a statement was made of, by the id of its event. */
  explain(id: number): void;
  /** Symbol and timeframe last looked at. */
  readonly selection: { symbol: string | undefined; timeframe: string };
  /** Asks for a table repaint although no event came. */
  requestPaint(): void;
}

/** One screen of the page. The frame mounts it, paints it when something changed, and unmounts it. */
export interface Screen {
  readonly element: HTMLElement;
  /** Name in the title and in the rail. */
  readonly title: string;
  mount(): void;
  unmount(): void;
  /** At most four times a second, and once a second when nothing came (ages go on). */
  paint(nowMs: number): void;
  /** At most ten times a second: charts only. */
  paintFast?(nowMs: number): void;
  /** Zone, theme or colours changed. */
  settingsChanged?(): void;
  /** A key that the frame has no use for. Says whether it was taken. */
  key?(event: KeyboardEvent): boolean;
}
