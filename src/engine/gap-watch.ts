import type { TimerQueue } from '../base/index.ts';
import type { Calendars, TradingCalendar } from '../calendar/index.ts';
import type { EventBatch, Gap, GapPayload, StatusPayload, Universe } from '../model/index.ts';
import type { GapLedger } from './gap-ledger.ts';
import { IdSequence } from './id-sequence.ts';

export interface GapWatchOptions {
  readonly universe: Universe;
  readonly calendars: Calendars;
  readonly ledger: GapLedger;
  readonly timers: TimerQueue;
  /** Kind under which the owner hands timers back to {@link GapWatch.onTimer}. */
  readonly timerKind: number;
  /** Silence inside a regular session after which a gap is opened. */
  readonly afterUs: number;
  readonly consecutiveIdSources: readonly string[];
}

/** What a source goes on from: its newest event, the highest id where ids count up, and the gaps that ended unfilled. */
export interface Held {
  readonly lastUs: number;
  readonly lastId: number | undefined;
  readonly unfilled: readonly Gap[];
}

/**
 * Notices that something is missing: a source said that it lost its feed, trade ids jumped, or a symbol was silent in
 * the middle of a session.
 */
export class GapWatch {
  /** Set at the end of a tape, so that what comes due afterwards opens no gaps. */
  isOver = false;
  private readonly options: GapWatchOptions;
  private readonly ids = new IdSequence();
  /** Latest event time per symbol; -Infinity before the first event. */
  private lastUs = new Float64Array(64).fill(Number.NEGATIVE_INFINITY);
  /** 1 while a silence timer of the symbol waits. */
  private armed = new Uint8Array(64);
  private lastSource = new Uint16Array(64);
  private readonly consecutive: (boolean | undefined)[] = [];
  private readonly calendarOf: (TradingCalendar | undefined)[] = [];

  constructor(options: GapWatchOptions) {
    this.options = options;
  }

  /** Notes an accepted trade or quote. `id` is NaN where there is none. */
  note(symbol: number, source: number, tsEventUs: number, nowUs: number, id: number): void {
    if (symbol >= this.lastUs.length) this.grow(symbol + 1);
    const lastUs = this.lastUs[symbol] as number;
    this.options.ledger.recover(symbol, tsEventUs, id === id);
    if (id === id && this.countsUp(source)) this.noteId(symbol, source, id, tsEventUs);
    if (tsEventUs <= lastUs) return;
    this.lastUs[symbol] = tsEventUs;
    this.lastSource[symbol] = source;
    if (this.armed[symbol] === 1) {
      if (tsEventUs - lastUs > this.options.afterUs) this.options.ledger.close(symbol, source, tsEventUs, 'silence');
      return;
    }
    this.armed[symbol] = 1;
    this.options.ledger.close(symbol, source, tsEventUs, 'silence');
    this.options.timers.set(Math.max(tsEventUs, nowUs) + this.options.afterUs, this.options.timerKind, symbol);
  }

  private noteId(symbol: number, source: number, id: number, tsEventUs: number): void {
    const skipped = this.ids.note(symbol, id, tsEventUs);
    if (skipped <= 0) return;
    // A hole inside a known outage is that outage, not a second gap.
    if (this.options.ledger.covers(symbol, source, this.ids.previousUs, tsEventUs)) return;
    this.options.ledger.add(symbol, source, this.ids.previousUs + 1, tsEventUs, 'missing', 'sequence', skipped);
  }

  /** A silence timer fired: opens a gap when the symbol is still silent inside a regular session, else waits on. */
  onTimer(symbol: number, dueUs: number): void {
    if (this.isOver) return;
    const lastUs = this.lastUs[symbol] as number;
    const silentUs = dueUs - lastUs;
    if (silentUs < this.options.afterUs) {
      this.options.timers.set(lastUs + this.options.afterUs, this.options.timerKind, symbol);
      return;
    }
    this.armed[symbol] = 0;
    const session = this.calendar(symbol).sessionAt(lastUs);
    if (session?.kind !== 'regular' || dueUs > session.endUs) return;
    this.options.ledger.open(symbol, this.lastSource[symbol] as number, lastUs, 'silence');
  }

  /** A source lost or regained its feed: every symbol it has served gets a gap from its last event to its return. */
  onStatus(batch: EventBatch, row: number, payload: StatusPayload): void {
    const source = batch.source[row] as number;
    const concerned = batch.symbol[row] as number;
    const atUs = batch.tsEventUs[row] as number;
    const { ledger } = this.options;
    for (let symbol = 0; symbol < Math.min(this.lastUs.length, this.options.universe.size); symbol++) {
      if (concerned >= 0 && symbol !== concerned) continue;
      const lastUs = this.lastUs[symbol] as number;
      if (lastUs === Number.NEGATIVE_INFINITY || this.lastSource[symbol] !== source) continue;
      if (payload.state === 'disconnected') {
        if (!ledger.hasOpen(symbol, 'disconnect')) ledger.open(symbol, source, lastUs, 'disconnect');
      } else if (payload.state === 'connected') {
        ledger.close(symbol, source, atUs, 'disconnect');
      }
    }
  }

  onGap(batch: EventBatch, row: number, payload: GapPayload): void {
    const symbol = batch.symbol[row] as number;
    const source = batch.source[row] as number;
    this.options.ledger.settle(symbol, source, payload.fromUs, payload.toUs, payload.state, payload.cause);
  }

  /** Time of the newest event of a symbol, `undefined` before the first. */
  lastEventUs(symbol: number): number | undefined {
    const lastUs = this.lastUs[symbol];
    return lastUs === undefined || lastUs === Number.NEGATIVE_INFINITY ? undefined : lastUs;
  }

  /** What is held of a symbol, `undefined` where nothing is or the newest event is another source's. */
  heldOf(symbol: number, source: number): Held | undefined {
    const lastUs = this.lastEventUs(symbol);
    if (lastUs === undefined || this.lastSource[symbol] !== source) return undefined;
    return { lastUs, lastId: this.lastId(symbol), unfilled: this.options.ledger.unfilled(symbol, source) };
  }

  /** Highest trade id of a symbol from a source that counts up. */
  lastId(symbol: number): number | undefined {
    return this.ids.lastId(symbol);
  }

  private countsUp(source: number): boolean {
    const known = this.consecutive[source];
    if (known !== undefined) return known;
    const is = this.options.consecutiveIdSources.includes(this.options.universe.sources.text(source));
    this.consecutive[source] = is;
    return is;
  }

  private calendar(symbol: number): TradingCalendar {
    const known = this.calendarOf[symbol];
    if (known !== undefined) return known;
    const calendar = this.options.calendars.get(this.options.universe.instrument(symbol).calendar);
    this.calendarOf[symbol] = calendar;
    return calendar;
  }

  private grow(length: number): void {
    const size = Math.max(2 * this.lastUs.length, length);
    const lastUs = new Float64Array(size).fill(Number.NEGATIVE_INFINITY);
    lastUs.set(this.lastUs);
    this.lastUs = lastUs;
    const armed = new Uint8Array(size);
    armed.set(this.armed);
    this.armed = armed;
    const lastSource = new Uint16Array(size);
    lastSource.set(this.lastSource);
    this.lastSource = lastSource;
  }

  snapshot(): unknown {
    const lastUs = [...this.lastUs].map((value) => (value === Number.NEGATIVE_INFINITY ? null : value));
    return { ids: this.ids.snapshot(), lastUs, armed: [...this.armed], lastSource: [...this.lastSource] };
  }

  restore(state: unknown): void {
    const { ids, lastUs, armed, lastSource } = state as {
      ids: number[];
      lastUs: (number | null)[];
      armed: number[];
      lastSource: number[];
    };
    this.ids.restore(ids);
    this.lastUs = Float64Array.from(lastUs, (value) => value ?? Number.NEGATIVE_INFINITY);
    this.armed = Uint8Array.from(armed);
    this.lastSource = Uint16Array.from(lastSource);
  }
}
