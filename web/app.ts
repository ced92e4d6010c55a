import type { ComponentHealth } from '../src/api/protocol/index.ts';
import type { AppContext, Screen } from './app-context.ts';
import { el, setText } from './dom/element.ts';
import { Announcer } from './frame/announcer.ts';
import { keysDialog, SearchDialog } from './frame/dialogs.ts';
import { EventDrawer } from './frame/event-drawer.ts';
import { listenToKeys } from './frame/keyboard.ts';
import { Painter } from './frame/painter.ts';
import { Rail } from './frame/rail.ts';
import { connectionWords, StatusBar } from './frame/status-bar.ts';
import { showTabState } from './frame/tab-state.ts';
import { ApiError, api } from './net/api-client.ts';
import { type ConnectionState, LiveSocket } from './net/live-socket.ts';
import { AboutScreen } from './screens/about-screen.ts';
import { DataScreen } from './screens/data-screen.ts';
import { OverviewScreen } from './screens/overview-screen.ts';
import { SettingsScreen } from './screens/settings-screen.ts';
import { SourcesScreen } from './screens/sources-screen.ts';
import { SymbolScreen } from './screens/symbol-screen.ts';
import { SystemScreen } from './screens/system-screen.ts';
import { toBar } from './state/bar-series.ts';
import { Inbox } from './state/inbox.ts';
import { LiveStore } from './state/live-store.ts';
import { SettingsStore } from './state/settings.ts';
import { type ZoneChoice, ZoneClock } from './time/zone-clock.ts';

/** What HTTP alone can tell (sessions, references of change, news that were only quotes) is read anew this often. */
const REFRESH_MS = 5_000;
/** One round in this many for a run with so many symbols that the answer is large. */
const ROUNDS_WHEN_MANY = 12;
const MANY_SYMBOLS = 200;
const GAPS_READ = 500;
const BARS_PER_POLL = 5;
const BARS_TO_CATCH_UP = 500;
const HEALTH_MS = 5_000;

/** The page: frame, screens, socket and beat, put together. */
export class App implements AppContext {
  readonly store = new LiveStore();
  readonly settings = new SettingsStore();
  readonly inbox = new Inbox();
  readonly socket: LiveSocket;
  readonly selection: { symbol: string | undefined; timeframe: string } = { symbol: undefined, timeframe: '1m' };
  readonly #announcer = new Announcer();
  readonly #statusBar: StatusBar;
  readonly #rail = new Rail();
  readonly #drawer: EventDrawer;
  readonly #main = el('main', { id: 'main', attrs: { tabindex: '-1' } });
  readonly #health = el('p', { class: 'health-bar', attrs: { hidden: '' } });
  readonly #notice = el('div', { class: 'notice-bar', attrs: { hidden: '' } });
  readonly #body = el('div', { class: 'frame' });
  readonly #search: SearchDialog;
  readonly #keys = keysDialog();
  readonly #painter: Painter;
  #screen: Screen | undefined;
  #connectionEntries = 0;
  #announcedRevisions = 0;
  #refreshRound = 0;
  #pausedAtMs: number | undefined;

  constructor(root: HTMLElement) {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.socket = new LiveSocket({
      url: `${scheme}://${location.host}/ws`,
      onEvents: (events) => this.inbox.push(events),
      onState: (state) => this.#connectionChanged(state),
      onReopened: () => void this.#catchUp(BARS_TO_CATCH_UP),
      poll: () => (this.inbox.isPaused ? Promise.resolve(true) : this.#catchUp(BARS_PER_POLL)),
    });
    this.#statusBar = new StatusBar(this, {
      search: () => this.#openSearch(),
      pause: () => this.#togglePause(),
      drawer: () => this.#toggleDrawer(!this.#body.classList.contains('drawer-open')),
    });
    this.#drawer = new EventDrawer(this, () => this.#toggleDrawer(false));
    this.#search = new SearchDialog((symbol) =>
      this.navigate(`/s/${encodeURIComponent(symbol)}?tf=${this.selection.timeframe}`),
    );
    const skip = el('a', {
      class: 'skip',
      text: 'Skip to content',
      attrs: { href: '#main' },
      on: {
        click: (event) => {
          event.preventDefault();
          this.#main.focus();
        },
      },
    });
    this.#body.append(
      skip,
      this.#rail.element,
      this.#statusBar.element,
      el('div', { class: 'bars' }, this.#health, this.#notice),
      this.#main,
      this.#drawer.element,
      this.#announcer.element,
      this.#search.element,
      this.#keys,
    );
    root.replaceChildren(this.#body);
    this.#applySettings();
    this.settings.onChange(() => this.#applySettings());
    window.matchMedia('(prefers-color-scheme: light)').addEventListener('change', () => this.#applySettings());
    this.#toggleDrawer(this.settings.current.drawer && window.matchMedia('(min-width: 1400px)').matches);
    this.#listen();
    this.#painter = new Painter({
      takeIn: (nowMs) => this.#takeIn(nowMs),
      paintFast: (nowMs) => this.#screen?.paintFast?.(nowMs),
      paint: (nowMs) => this.#paint(nowMs),
    });
  }

  /** Reads the state, opens the socket and the screen of the address. */
  async start(): Promise<void> {
    this.socket.subscribe('frame', { channels: ['stats', 'gaps', 'alerts'] });
    this.socket.start();
    window.setInterval(() => void this.#refresh(), REFRESH_MS);
    window.setInterval(() => void this.#readHealth(), HEALTH_MS);
    void this.#readHealth();
    this.#route();
    await this.#readAll();
    this.#painter.request();
  }

  zoneClock(symbol?: string): ZoneClock {
    const name = symbol ?? this.selection.symbol ?? this.store.symbols.keys().next().value;
    const zone = name === undefined ? 'UTC' : (this.store.symbols.get(name)?.row.zone ?? 'UTC');
    return new ZoneClock(this.settings.current.zone, zone);
  }

  navigate(address: string): void {
    location.hash = address;
  }

  announce(text: string): void {
    this.#announcer.say(text);
  }

  requestPaint(): void {
    this.#painter.request();
  }

  showError(error: unknown, retry?: () => void): void {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof ApiError ? ` (${error.code})` : '';
    const close = el('button', {
      class: 'button quiet',
      text: 'Dismiss',
      attrs: { type: 'button' },
      on: { click: () => this.#hideNotice() },
    });
    const again = el('button', { class: 'button', text: 'Try again', attrs: { type: 'button' } });
    again.addEventListener('click', () => {
      this.#hideNotice();
      retry?.();
    });
    this.#notice.replaceChildren(
      el('span', { text: `${message}${code}`, attrs: { role: 'alert' } }),
      ...(retry === undefined ? [close] : [again, close]),
    );
    this.#notice.hidden = false;
  }

  #hideNotice(): void {
    this.#notice.hidden = true;
    this.#notice.replaceChildren();
  }

  #listen(): void {
    window.addEventListener('hashchange', () => this.#route());
    listenToKeys({
      navigate: (address) => this.navigate(address),
      search: () => this.#openSearch(),
      pause: () => this.#togglePause(),
      drawer: () => this.#toggleDrawer(!this.#body.classList.contains('drawer-open')),
      theme: () =>
        this.settings.change({ theme: document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark' }),
      zone: () => this.#nextZone(),
      keys: () => this.#keys.showModal(),
      back: () => this.#toggleDrawer(false),
      screen: (event) => this.#screen?.key?.(event) ?? false,
      areKeysOn: () => this.settings.current.keys,
    });
  }

  #nextZone(): void {
    const order: readonly ZoneChoice[] = ['utc', 'exchange', 'local'];
    const next = order[(order.indexOf(this.settings.current.zone) + 1) % order.length] as ZoneChoice;
    this.settings.change({ zone: next });
    this.announce(`Times in ${this.zoneClock().name(Date.now())}`);
  }

  #openSearch(): void {
    this.#search.show([...this.store.symbols.values()]);
  }

  #togglePause(): void {
    this.inbox.setPaused(!this.inbox.isPaused);
    this.#pausedAtMs = this.inbox.isPaused ? Date.now() : undefined;
    this.announce(this.inbox.isPaused ? 'Paused' : 'Going on');
    this.#painter.request();
  }

  #toggleDrawer(isOpen: boolean): void {
    this.#body.classList.toggle('drawer-open', isOpen);
    this.#drawer.element.hidden = !isOpen;
    this.#statusBar.setDrawerOpen(isOpen);
  }

  #applySettings(): void {
    const { theme, palette } = this.settings.current;
    const root = document.documentElement;
    const system = window.matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
    root.dataset.theme = theme === 'system' ? system : theme;
    root.dataset.palette = palette;
    this.#screen?.settingsChanged?.();
    this.#painter?.request();
  }

  #route(): void {
    const [path = '', query = ''] = location.hash.replace(/^#/, '').split('?');
    const address = path === '' ? '/overview' : path;
    const [, name = '', argument] = address.split('/');
    if (name === 's') {
      const timeframe = new URLSearchParams(query).get('tf');
      if (timeframe !== null && /^[1-9]\d{0,3}[smhdwM]$/.test(timeframe)) this.selection.timeframe = timeframe;
      if (argument !== undefined && argument !== '') this.selection.symbol = decodeURIComponent(argument);
    }
    this.#rail.select(address);
    this.#open(this.#makeScreen(name));
  }

  #makeScreen(name: string): Screen {
    switch (name) {
      case 's':
        return new SymbolScreen(this);
      case 'sources':
        return new SourcesScreen(this);
      case 'data':
        return new DataScreen(this);
      case 'system':
        return new SystemScreen(this);
      case 'settings':
        return new SettingsScreen(this);
      case 'about':
        return new AboutScreen(this);
      default:
        return new OverviewScreen(this);
    }
  }

  #open(screen: Screen): void {
    this.#screen?.unmount();
    this.#screen = screen;
    this.#main.replaceChildren(screen.element);
    this.#main.scrollTop = 0;
    screen.mount();
    this.#painter?.request();
  }

  /** Everything that HTTP tells; a part that fails leaves the others standing. */
  async #readAll(): Promise<boolean> {
    const results = await Promise.allSettled([this.#readRun(), this.#readSymbols(), this.#readGaps()]);
    this.#painter.request();
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined && results[0].status === 'fulfilled')
      this.showError(failed.reason, () => void this.#readAll());
    return results[0].status === 'fulfilled';
  }

  async #readRun(): Promise<void> {
    this.store.applyRun(await api.run(), Date.now());
  }

  async #readSymbols(): Promise<void> {
    this.store.applySymbols(await api.symbols());
    this.socket.subscribe('table', { channels: ['bars'], timeframes: [this.store.tableTimeframe] });
    if (!this.store.timeframes.includes(this.selection.timeframe)) this.selection.timeframe = this.store.tableTimeframe;
  }

  async #readGaps(): Promise<void> {
    for (const gap of (await api.gaps(GAPS_READ)).gaps) this.store.applyGap(gap);
  }

  /** A run that works with something missing says so on every screen. */
  async #readHealth(): Promise<void> {
    if (document.hidden || this.inbox.isPaused) return;
    try {
      const health = await api.health();
      const parts = [...Object.entries(health.components.sources), ...Object.entries(health.components)];
      const troubles = parts.flatMap(([name, part]) => {
        const { status, detail } = part as Partial<ComponentHealth>;
        return status === undefined || status === 'ok'
          ? []
          : [`${name} ${status}${detail === undefined ? '' : `, ${detail}`}`];
      });
      this.#health.hidden = health.status === 'ok';
      setText(this.#health, `■ ${health.status}: ${troubles.length === 0 ? 'see System' : troubles.join('; ')}`);
    } catch {
      // No answer at all is told by the connection, in the bar above.
      this.#health.hidden = true;
    }
  }

  async #refresh(): Promise<void> {
    this.#refreshRound += 1;
    if (document.hidden || this.inbox.isPaused || this.socket.state.kind !== 'live') return;
    if (this.store.symbols.size > MANY_SYMBOLS && this.#refreshRound % ROUNDS_WHEN_MANY !== 0) return;
    try {
      await this.#readSymbols();
    } catch {
      // The socket still delivers; what this round would have told comes with the next one.
    }
  }

  /** Reads by HTTP what the socket did not tell; says whether the server answered. */
  async #catchUp(bars: number): Promise<boolean> {
    const answered = await this.#readAll();
    const series = this.store.series;
    const state = series === undefined ? undefined : this.store.symbols.get(series.symbol);
    if (!answered || series === undefined || state === undefined) return answered;
    try {
      const page = await api.bars(state.row, series.timeframe, bars);
      for (const row of page.bars) {
        const bar = toBar(row);
        const change = series.apply(bar);
        if (change === 'inserted') this.store.hasInserted = true;
        if (change !== 'ignored') this.store.changedStarts.add(bar.startMs);
      }
      return true;
    } catch {
      return false;
    }
  }

  #takeIn(nowMs: number): boolean {
    const events = this.inbox.take();
    this.store.apply(events, nowMs);
    if (this.inbox.takeMustReload() || this.store.mustReload) {
      this.store.mustReload = false;
      void this.#catchUp(BARS_TO_CATCH_UP);
    }
    if (events.length === 0) return false;
    const revisions = this.store.revisionsSeen - this.#announcedRevisions;
    if (revisions > 0) {
      this.#announcedRevisions = this.store.revisionsSeen;
      this.announce(`${revisions} ${revisions === 1 ? 'bar was' : 'bars were'} revised`);
    }
    return true;
  }

  #connectionChanged(state: ConnectionState): void {
    const words = connectionWords(state, undefined, Date.now());
    this.#connectionEntries += 1;
    // Engine time is not known while the engine is away; the browser's clock dates what the browser saw.
    this.store.log.add({
      key: `connection|${this.#connectionEntries}`,
      kind: 'connection',
      timeMs: Date.now(),
      symbol: undefined,
      text: words,
    });
    if (state.kind !== 'connecting') this.announce(words);
    this.#painter?.request();
  }

  #paint(realNowMs: number): void {
    // While paused nothing moves by itself, ages included.
    const nowMs = this.#pausedAtMs ?? realNowMs;
    this.#statusBar.paint(nowMs);
    this.#drawer.paint();
    this.#body.dataset.mode = this.store.run?.mode ?? 'unknown';
    this.#body.dataset.connection = this.socket.state.kind;
    showTabState(this.socket.state, this.store.run, this.store.staleCount(nowMs), this.#screen?.title ?? '');
    this.#screen?.paint(nowMs);
    this.store.changed.clear();
  }
}
