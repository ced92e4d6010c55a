import type { AppContext, Screen } from './app-context.ts';
import { el, setText } from './dom/element.ts';
import { Announcer } from './frame/announcer.ts';
import { keysDialog, SearchDialog } from './frame/dialogs.ts';
import { EventDrawer } from './frame/event-drawer.ts';
import { ExplainDialog } from './frame/explain-dialog.ts';
import { listenToKeys } from './frame/keyboard.ts';
import { NoticeBar } from './frame/notice-bar.ts';
import { Painter } from './frame/painter.ts';
import { PopUps } from './frame/pop-ups.ts';
import { Rail } from './frame/rail.ts';
import { connectionWords, StatusBar } from './frame/status-bar.ts';
import { showTabState } from './frame/tab-state.ts';
import { api } from './net/api-client.ts';
import { type ConnectionState, LiveSocket } from './net/live-socket.ts';
import { healthWords, type ReadOutcome, StateReader } from './net/state-reader.ts';
import { makeScreen } from './screens/make-screen.ts';
import { Inbox } from './state/inbox.ts';
import { LiveStore } from './state/live-store.ts';
import { SettingsStore } from './state/settings.ts';
import { type ZoneChoice, ZoneClock } from './time/zone-clock.ts';

/** What HTTP alone can tell (sessions, references of change, news that were only quotes) is read anew this often. */
const REFRESH_MS = 5_000;
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
  readonly #reader: StateReader;
  readonly #announcer = new Announcer();
  readonly #statusBar: StatusBar;
  readonly #rail = new Rail();
  readonly #drawer: EventDrawer;
  readonly #main = el('main', { id: 'main', attrs: { tabindex: '-1' } });
  readonly #health = el('p', { class: 'health-bar', attrs: { hidden: '' } });
  readonly #notice = new NoticeBar();
  readonly #popUps = new PopUps(this);
  readonly #body = el('div', { class: 'frame' });
  readonly #search: SearchDialog;
  readonly #keys = keysDialog();
  readonly #explain = new ExplainDialog((symbol) => this.zoneClock(symbol));
  readonly #painter: Painter;
  #screen: Screen | undefined;
  #connectionEntries = 0;
  #announcedRevisions = 0;
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
    this.#reader = new StateReader(this.store, () => this.#symbolsRead());
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
      el('div', { class: 'bars' }, this.#health, this.#notice.element),
      this.#main,
      this.#drawer.element,
      this.#announcer.element,
      this.#search.element,
      this.#keys,
      this.#popUps.element,
      this.#explain.element,
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

  explain(id: number): void {
    this.#explain.show(id);
  }

  requestPaint(): void {
    this.#painter.request();
  }

  showError(error: unknown, retry?: () => void): void {
    this.#notice.show(error, retry);
  }

  #listen(): void {
    window.addEventListener('hashchange', () => this.#route());
    listenToKeys({
      navigate: (address) => this.navigate(address),
      search: () => this.#openSearch(),
      pause: () => this.#togglePause(),
      drawer: () => this.#toggleDrawer(!this.#body.classList.contains('drawer-open')),
      mute: () => this.#popUps.toggleMute(),
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
    this.#open(makeScreen(name, this));
  }

  #open(screen: Screen): void {
    this.#screen?.unmount();
    this.#screen = screen;
    this.#main.replaceChildren(screen.element);
    this.#main.scrollTop = 0;
    screen.mount();
    this.#painter?.request();
  }

  /** Everything that HTTP tells. */
  async #readAll(): Promise<void> {
    this.#tellFailure(await this.#reader.readAll());
  }

  /** Reads by HTTP what the socket did not tell; says whether the server answered. */
  async #catchUp(bars: number): Promise<boolean> {
    const outcome = await this.#reader.catchUp(bars);
    this.#tellFailure(outcome);
    return outcome.answered;
  }

  /** A server that does not answer at all is told by the connection, in the bar above. */
  #tellFailure(outcome: ReadOutcome): void {
    this.#painter.request();
    if (outcome.answered && outcome.failure !== undefined) this.showError(outcome.failure, () => void this.#readAll());
  }

  #symbolsRead(): void {
    const { timeframes, tableTimeframe } = this.store;
    this.socket.subscribe('table', { channels: ['bars'], timeframes: [tableTimeframe] });
    if (!timeframes.includes(this.selection.timeframe)) this.selection.timeframe = tableTimeframe;
  }

  /** A run that works with something missing says so on every screen. */
  async #readHealth(): Promise<void> {
    if (document.hidden || this.inbox.isPaused) return;
    let words: string | undefined;
    try {
      words = healthWords(await api.health());
    } catch {
      // No answer at all is told by the connection, in the bar above.
    }
    this.#health.classList.toggle('down', words?.startsWith('■ down') === true);
    this.#health.hidden = words === undefined;
    setText(this.#health, words ?? '');
  }

  async #refresh(): Promise<void> {
    if (document.hidden || this.inbox.isPaused || this.socket.state.kind !== 'live') return;
    try {
      await this.#reader.refreshSymbols();
    } catch {
      // The socket still delivers; what this round would have told comes with the next one.
    }
  }

  #takeIn(nowMs: number): boolean {
    const events = this.inbox.take();
    this.store.apply(events, nowMs);
    this.#popUps.take(nowMs);
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
    this.store.log.put({
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
