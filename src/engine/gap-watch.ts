import type { TimerQueue } from '../base/index.ts';
import type { Calendars, TradingCalendar } from '../calendar/index.ts';
import type { EventBatch, Gap, GapPayload, StatusPayload, Universe } from '../model/index.ts';
import type { GapLedger } from './gap-ledger.ts';
import { IdSequence } from './id-sequence.ts';
import { type PendingHole, PendingHoles } from './pending-holes.ts';

/** Engine time that skipped ids have to come by themselves, out of order or late, before the ledger hears of a hole. */
const ID_GRACE_US = 5_000_000;

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
  private isOver = false;
  private readonly options: GapWatchOptions;
  private readonly ids = new IdSequence();
  private readonly pending = new PendingHoles();
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
    if (id === id && this.countsUp(source)) this.noteId(symbol, source, id, tsEventUs, nowUs);
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

  private noteId(symbol: number, source: number, id: number, tsEventUs: number, nowUs: number): void {
    this.pending.recover(symbol, source, id);
    const skipped = this.ids.note(symbol, source, id, tsEventUs);
    if (skipped <= 0) return;
    const fromUs = this.ids.previousUs + 1;
    if (this.isInOutage(symbol, source, fromUs, tsEventUs)) {
      // When the feed was back is an estimate; ids tell up to which trade it was not.
      this.options.ledger.extend(symbol, source, fromUs, tsEventUs);
      return;
    }
    const dueUs = nowUs + ID_GRACE_US;
    const hole = { source, fromId: id - skipped, toId: id - 1, fromUs, toUs: tsEventUs, dueUs, recovered: 0 };
    const oldest = this.pending.add(symbol, hole);
    if (oldest !== undefined) this.tellHole(symbol, oldest);
    this.options.timers.set(dueUs, this.options.timerKind, -1 - symbol);
  }

  /** A hole inside a known outage is that outage, not a second gap. */
  private isInOutage(symbol: number, source: number, fromUs: number, toUs: number): boolean {
    return this.options.ledger.covers(symbol, source, fromUs - 1, toUs);
  }

  private tellHole(symbol: number, { source, fromUs, toUs, fromId, toId, recovered }: PendingHole): void {
    if (this.isInOutage(symbol, source, fromUs, toUs)) return;
    const expected = toId - fromId + 1;
    this.options.ledger.add(symbol, source, fromUs, toUs, 'missing', 'sequence', expected, recovered);
  }

  /** The tape ends: what is missing of it stays so, and what comes due afterwards opens no gaps. */
  end(): void {
    this.isOver = true;
    for (const symbol of this.pending.symbols()) {
      for (const hole of this.pending.take(symbol, () => true)) this.tellHole(symbol, hole);
    }
  }

  /**
   * A timer fired. Of silence: opens a gap when the symbol is still silent inside a regular session, else waits on. Of
   * skipped ids (a negative argument): what has not come by now is a hole.
   */
  onTimer(argument: number, dueUs: number): void {
    if (argument < 0) {
      const symbol = -1 - argument;
      for (const hole of this.pending.take(symbol, (each) => each.dueUs <= dueUs)) this.tellHole(symbol, hole);
    } else if (!this.isOver) this.checkSilence(argument, dueUs);
  }

  private checkSilence(symbol: number, dueUs: number): void {
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
      if (lastUs === Number.NEGATIVE_INFINITY) continue;
      if (payload.state === 'disconnected') {
        // Where another source serves, nothing is missed.
        if (this.lastSource[symbol] !== source) continue;
        if (!ledger.hasOpen(symbol, 'disconnect')) ledger.open(symbol, source, lastUs, 'disconnect');
      } else if (payload.state === 'connected') {
        ledger.close(symbol, source, atUs, 'disconnect');
      }
    }
  }

  onGap(batch: EventBatch, row: number, payload: GapPayload): void {
    const symbol = batch.symbol[row] as number;
    const source = batch.source[row] as number;
    const { fromUs, toUs, state, cause } = payload;
    const holes = this.pending.take(
      symbol,
      (hole) => hole.source === source && hole.fromUs < toUs && hole.toUs > fromUs,
    );
    // Told as holes they are entries of their own; otherwise they belong to the outage that is told.
    if (cause === 'sequence') for (const hole of holes) this.tellHole(symbol, hole);
    this.options.ledger.settle(symbol, source, fromUs, toUs, state, cause);
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
    return { lastUs, lastId: this.ids.lastId(symbol, source), unfilled: this.unfilled(symbol, source) };
  }

  /** Entries of the ledger that ended unfilled, and holes that are still waited for. */
  private unfilled(symbol: number, source: number): readonly Gap[] {
    const holes = this.pending.of(symbol).filter((hole) => hole.source === source);
    const pending = holes.map(({ fromUs, toUs, recovered }): Gap => {
      return {
        id: 0,
        symbol,
        source,
        fromUs,
        toUs,
        state: 'missing',
        cause: 'sequence',
        recovered,
        expected: undefined,
      };
    });
    return [...this.options.ledger.unfilled(symbol, source), ...pending];
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
    const pending = this.pending.snapshot();
    return { ids: this.ids.snapshot(), pending, lastUs, armed: [...this.armed], lastSource: [...this.lastSource] };
  }

  restore(state: unknown): void {
    const { ids, pending, lastUs, armed, lastSource } = state as {
      pending?: unknown;
      ids: Parameters<IdSequence['restore']>[0];
      lastUs: (number | null)[];
      armed: number[];
      lastSource: number[];
    };
    this.ids.restore(ids);
    this.pending.restore(pending);
    this.lastUs = Float64Array.from(lastUs, (value) => value ?? Number.NEGATIVE_INFINITY);
    this.armed = Uint8Array.from(armed);
    this.lastSource = Uint16Array.from(lastSource);
  }
}
