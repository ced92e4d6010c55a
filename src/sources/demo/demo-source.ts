import { type Micros, UsageError } from '../../base/index.ts';
import { EventBatch, EventKind, type Instrument, normaliseSymbol, type StatusPayload } from '../../model/index.ts';
import type { Source, SourceCapabilities, SourcePorts, StreamStart } from '../source.ts';
import { DemoFaults } from './demo-faults.ts';
import { DemoFeed } from './demo-feed.ts';
import { DEMO_SYMBOLS, demoInstrument, demoModelInstrument } from './demo-market.ts';
import { demoPastBars } from './demo-past.ts';
import { DemoSeries } from './demo-series.ts';

export interface DemoOptions {
  /** Trades per second over all symbols; as many quotes come with them. */
  readonly rate?: number;
  readonly seed?: number;
  readonly symbols?: readonly string[];
  /** How often the live stream delivers. */
  readonly intervalMs?: number;
}

const BATCH_CAPACITY = 4_096;
/** Catching up hands the thread back after this many batches, so that the program stays responsive. */
const BATCHES_PER_TURN = 32;

/**
 * A market that needs no key and never closes. Trade k of a symbol is a pure function of (seed, symbol, rate, k), with
 * k as its id, so any hole can be offered again and any past be made on demand.
 */
export class DemoSource implements Source {
  readonly id = 'demo';
  readonly capabilities: SourceCapabilities = {
    kinds: ['trades', 'quotes'],
    live: true,
    history: true,
    tradeIds: 'consecutive',
    needsKey: false,
    faults: true,
  };
  readonly faults: DemoFaults;
  private readonly series: readonly DemoSeries[];
  private readonly ports: SourcePorts;
  private readonly sourceId: number;
  private readonly intervalMs: number;

  constructor(ports: SourcePorts, options: DemoOptions = {}) {
    const { rate = 200, seed = 20_261_121, symbols = DEMO_SYMBOLS, intervalMs = 50 } = options;
    if (!(rate > 0 && rate <= 1_000_000)) {
      throw new UsageError(`sources.demo.rate is ${rate}; it must be more than 0 and at most 1000000.`, {
        subject: 'sources.demo.rate',
      });
    }
    this.ports = ports;
    this.intervalMs = intervalMs;
    const instruments = [...new Set(symbols.map(normaliseSymbol))].map(demoInstrument);
    const weights = instruments.reduce((sum, instrument) => sum + instrument.weight, 0);
    this.series = instruments.map(
      (instrument) => new DemoSeries(instrument, (rate * instrument.weight) / weights, seed),
    );
    const { universe } = ports;
    this.sourceId = universe.sources.intern(this.id);
    const ids = instruments.map((instrument, i) => [universe.add(demoModelInstrument(instrument)), i] as const);
    this.faults = new DemoFaults(ports.clock, new Map(ids));
  }

  instruments(): readonly Instrument[] {
    return this.series.map(({ instrument }) => demoModelInstrument(instrument));
  }

  /** Everything in [fromUs, toUs), each event received at its own time. */
  *past(fromUs: Micros, toUs: Micros, capacity = BATCH_CAPACITY): Generator<EventBatch> {
    yield* this.batches(this.series, fromUs, toUs, capacity);
  }

  /** One-minute bars of the past, for a first start: see {@link demoPastBars}. */
  pastBars(fromUs: Micros, toUs: Micros): Iterable<EventBatch> {
    return demoPastBars(this.series, this.ports.universe, this.id, fromUs, toUs);
  }

  async *history(symbol: string, fromUs: Micros, toUs: Micros): AsyncGenerator<EventBatch> {
    const series = this.series.filter(({ instrument }) => instrument.symbol === symbol);
    if (series.length === 0) {
      throw new UsageError(`The demo has no symbol "${symbol}"; add it to sources.demo.symbols.`, {
        subject: 'symbol',
      });
    }
    yield* this.batches(series, fromUs, toUs, BATCH_CAPACITY);
  }

  private *batches(
    series: readonly DemoSeries[],
    fromUs: Micros,
    toUs: Micros,
    capacity: number,
  ): Generator<EventBatch> {
    const feed = new DemoFeed(series, this.ports.universe, this.id);
    feed.seek(fromUs);
    const batch = new EventBatch(capacity);
    while (feed.nextUs < toUs) {
      batch.clear();
      feed.fill(batch, toUs);
      yield batch;
    }
  }

  /**
   * First what `start` says is missing, each event received at its own time, up to now; then live. A cut shows as a
   * Status event, silence, a Status event, and then the missed trades and quotes with their true times, late.
   */
  async *stream(signal: AbortSignal, start: StreamStart): AsyncGenerator<EventBatch> {
    const { clock, universe } = this.ports;
    const feed = new DemoFeed(this.series, universe, this.id);
    feed.seek(start.afterUs + 1, start.afterTradeIds, start.afterEventUs);
    const batch = new EventBatch(BATCH_CAPACITY);
    yield* this.catchUp(feed, batch, signal);
    let recvUs = clock.nowUs();
    yield this.status(batch, 'connected', 'started', recvUs);
    if (leavesNoHole(start)) yield this.backfilled(start.afterUs, recvUs);
    while (!signal.aborted) {
      await clock.sleep(this.intervalMs, signal);
      if (signal.aborted) return;
      recvUs = Math.max(recvUs, clock.nowUs());
      if (this.faults.isCut(recvUs)) {
        yield* this.deliver(feed, batch, recvUs);
        yield this.status(batch, 'disconnected', 'cut on request', recvUs);
        while (!signal.aborted && this.faults.isCut(clock.nowUs())) await clock.sleep(this.intervalMs, signal);
        if (signal.aborted) return;
        const cutUs = recvUs;
        recvUs = Math.max(recvUs, clock.nowUs());
        yield this.status(batch, 'connected', 'reconnected', recvUs);
        yield* this.deliver(feed, batch, recvUs);
        yield this.backfilled(cutUs, recvUs);
      }
      yield* this.deliver(feed, batch, recvUs);
    }
  }

  private async *catchUp(feed: DemoFeed, batch: EventBatch, signal: AbortSignal): AsyncGenerator<EventBatch> {
    const { clock } = this.ports;
    let batches = 0;
    while (!signal.aborted && feed.nextUs < clock.nowUs()) {
      batch.clear();
      feed.fill(batch, clock.nowUs());
      this.faults.remember(batch);
      yield batch;
      if (++batches % BATCHES_PER_TURN === 0) await clock.sleep(0, signal);
    }
  }

  private *deliver(feed: DemoFeed, batch: EventBatch, recvUs: Micros): Generator<EventBatch> {
    do {
      batch.clear();
      feed.fill(batch, recvUs, recvUs);
      this.faults.holdBack(batch, recvUs);
      this.faults.remember(batch);
      if (batch.length > 0) yield batch;
    } while (feed.nextUs < recvUs);
    batch.clear();
    this.faults.release(batch, feed, recvUs);
    if (batch.length > 0) yield batch;
  }

  /** Says that everything missed in [fromUs, toUs) has been delivered. */
  private backfilled(fromUs: Micros, toUs: Micros): EventBatch {
    const batch = new EventBatch(this.series.length);
    const payload = { type: 'gap', fromUs, toUs, state: 'backfilled', cause: 'disconnect' } as const;
    for (const { instrument } of this.series) {
      const symbol = this.ports.universe.intern(instrument.symbol);
      batch.addPayload(EventKind.Gap, symbol, this.sourceId, toUs, toUs, payload);
    }
    return batch;
  }

  private status(batch: EventBatch, state: StatusPayload['state'], reason: string, atUs: Micros): EventBatch {
    batch.clear();
    batch.addPayload(EventKind.Status, -1, this.sourceId, atUs, atUs, { type: 'status', state, reason });
    return batch;
  }
}

/** Whether a stream goes on right behind what was held of every symbol, so that nothing of the time between is missing. */
function leavesNoHole({ afterUs, afterTradeIds, afterEventUs }: StreamStart): boolean {
  if (afterTradeIds === undefined || afterTradeIds.size === 0 || afterEventUs === undefined) return false;
  return [...afterEventUs.values()].every((eventUs) => eventUs >= afterUs);
}
