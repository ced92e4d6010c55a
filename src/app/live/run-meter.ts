import type { EngineSink } from '../../engine/index.ts';
import {
  type Bar,
  type BarChange,
  EVENT_KIND_NAMES,
  type EventBatch,
  type EventKind,
  type Gap,
  type Universe,
} from '../../model/index.ts';

/** Counters of one source by event kind. */
interface SourceMeter {
  readonly received: Float64Array;
  readonly accepted: Float64Array;
  readonly quarantined: Map<string, number>;
  state: 'connecting' | 'live' | 'reconnecting' | 'stopped';
  reconnects: number;
  lastRecvUs: number;
  lastEventUs: number;
  /** Shortest time from an event to its receipt, in the half minutes that have begun last. */
  readonly shortest: { halfMinute: number; nowUs: number; beforeUs: number };
  /** That time: what is not the way of the event is the difference of the clocks. NaN before the first event. */
  skewUs(): number;
  /** Symbols seen. */
  readonly symbols: Set<number>;
  readonly outages: { fromUs: number; toUs: number | undefined; reason: string }[];
}

const KINDS = 16;
const HALF_MINUTE_US = 30_000_000;
/** Outages kept per source (`drop-oldest`). */
const MAX_OUTAGES = 100;

/** Plain form of the counters, kept beside engine snapshots so that they grow on over restarts. */
export interface MeterSnapshot {
  readonly sources: readonly {
    readonly id: string;
    readonly received: readonly number[];
    readonly accepted: readonly number[];
    readonly quarantined: readonly (readonly [string, number])[];
    readonly reconnects: number;
  }[];
}

/**
 * Counts what passes, per source and kind, and remembers the last value of each symbol. It is told of every event
 * before the engine handles it ({@link receive}) and hears of the outcome as a sink.
 */
export class RunMeter implements EngineSink {
  private readonly universe: Universe;
  private readonly bySource: SourceMeter[] = [];
  private readonly revisions: number[];
  private readonly gapStates = new Map<number, string>();
  private readonly qualityOf: number[] = [];
  private readonly sourceOf: number[] = [];
  /** Events received in all. */
  events = 0;

  constructor(universe: Universe, timeframes: number) {
    this.universe = universe;
    this.revisions = new Array<number>(timeframes).fill(0);
  }

  /** After recovery: what was connected then is not connected now. */
  beginRun(): void {
    for (const meter of this.bySource) if (meter !== undefined) meter.state = 'connecting';
  }

  /** Notes a batch on its way into the engine. */
  receive(batch: EventBatch): void {
    for (let row = 0; row < batch.length; row++) {
      const meter = this.meterOf(batch.source[row] as number);
      const kind = batch.kind[row] as number;
      meter.received[kind] = (meter.received[kind] as number) + 1;
      meter.lastRecvUs = batch.tsRecvUs[row] as number;
    }
    this.events += batch.length;
  }

  private meterOf(source: number): SourceMeter {
    let meter = this.bySource[source];
    if (meter === undefined) {
      const shortest = { halfMinute: 0, nowUs: Number.NaN, beforeUs: Number.NaN };
      meter = {
        shortest,
        skewUs: () => (Number.isNaN(shortest.beforeUs) ? shortest.nowUs : Math.min(shortest.nowUs, shortest.beforeUs)),
        received: new Float64Array(KINDS),
        accepted: new Float64Array(KINDS),
        quarantined: new Map(),
        state: 'connecting',
        reconnects: 0,
        lastRecvUs: Number.NaN,
        lastEventUs: Number.NaN,
        symbols: new Set(),
        outages: [],
      };
      this.bySource[source] = meter;
    }
    return meter;
  }

  private accept(batch: EventBatch, row: number): SourceMeter {
    const meter = this.meterOf(batch.source[row] as number);
    const kind = batch.kind[row] as number;
    meter.accepted[kind] = (meter.accepted[kind] as number) + 1;
    return meter;
  }

  onTrade(batch: EventBatch, row: number, quality: number): void {
    const meter = this.accept(batch, row);
    const symbol = batch.symbol[row] as number;
    const tsUs = batch.tsEventUs[row] as number;
    if (!(tsUs < meter.lastEventUs)) meter.lastEventUs = tsUs;
    noteDelay(meter, (batch.tsRecvUs[row] as number) - tsUs, batch.tsRecvUs[row] as number);
    if (this.sourceOf[symbol] === undefined) meter.symbols.add(symbol);
    this.qualityOf[symbol] = quality;
    this.sourceOf[symbol] = batch.source[row] as number;
  }

  onQuote(batch: EventBatch, row: number, quality: number): void {
    this.onTrade(batch, row, quality);
  }

  onAmendment(batch: EventBatch, row: number): void {
    this.accept(batch, row);
  }

  onReject(batch: EventBatch, row: number, reason: string): void {
    const { quarantined } = this.meterOf(batch.source[row] as number);
    quarantined.set(reason, (quarantined.get(reason) ?? 0) + 1);
  }

  onBar(bar: Bar, change: BarChange): void {
    if (change !== 'final') this.revisions[bar.timeframe] = (this.revisions[bar.timeframe] as number) + 1;
  }

  onGap(gap: Gap): void {
    this.gapStates.set(gap.id, gap.toUs === Number.POSITIVE_INFINITY ? 'open' : gap.state);
  }

  onStatus(batch: EventBatch, row: number): void {
    const payload = batch.payload[row];
    if (payload?.type !== 'status') return;
    const meter = this.meterOf(batch.source[row] as number);
    const atUs = batch.tsRecvUs[row] as number;
    const open = meter.outages.at(-1);
    if (payload.state === 'disconnected') {
      meter.state = 'reconnecting';
      if (open === undefined || open.toUs !== undefined) {
        meter.outages.push({ fromUs: atUs, toUs: undefined, reason: payload.reason });
        if (meter.outages.length > MAX_OUTAGES) meter.outages.shift();
      }
    } else if (payload.state === 'connected') {
      if (meter.state === 'reconnecting') meter.reconnects++;
      meter.state = 'live';
      if (open !== undefined) open.toUs ??= atUs;
    }
  }

  /** Everything known of a source by its name. */
  source(name: string): SourceMeter | undefined {
    const id = this.universe.sources.find(name);
    return id === undefined ? undefined : this.bySource[id];
  }

  /** Names of sources that sent anything. */
  sourceNames(): readonly string[] {
    return this.bySource.flatMap((meter, id) => (meter === undefined ? [] : [this.universe.sources.text(id)]));
  }

  /** Quality of the latest event of a symbol, `undefined` before the first. */
  quality(symbol: number): number | undefined {
    return this.qualityOf[symbol];
  }

  sourceNameOf(symbol: number): string | undefined {
    const id = this.sourceOf[symbol];
    return id === undefined ? undefined : this.universe.sources.text(id);
  }

  /** One row per source, kind and count, for the columns `received` or `accepted`. */
  byKind(column: 'received' | 'accepted'): readonly { source: string; kind: string; count: number }[] {
    return this.sourceNames().flatMap((source) => {
      const counts = (this.source(source) as SourceMeter)[column];
      return Object.entries(EVENT_KIND_NAMES).flatMap(([kind, name]) => {
        const count = counts[Number(kind) as EventKind] as number;
        return count === 0 ? [] : [{ source, kind: name, count }];
      });
    });
  }

  quarantinedByReason(): readonly { source: string; reason: string; count: number }[] {
    return this.sourceNames().flatMap((source) =>
      [...(this.source(source) as SourceMeter).quarantined].map(([reason, count]) => ({ source, reason, count })),
    );
  }

  revisionsOf(timeframe: number): number {
    return this.revisions[timeframe] ?? 0;
  }

  gapsByState(): readonly { state: string; count: number }[] {
    const counts = new Map<string, number>();
    for (const state of this.gapStates.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    return [...counts].map(([state, count]) => ({ state, count }));
  }

  snapshot(): MeterSnapshot {
    return {
      sources: this.sourceNames().map((id) => {
        const meter = this.source(id) as SourceMeter;
        return {
          id,
          received: [...meter.received],
          accepted: [...meter.accepted],
          quarantined: [...meter.quarantined],
          reconnects: meter.reconnects,
        };
      }),
    };
  }

  restore(snapshot: MeterSnapshot): void {
    for (const saved of snapshot.sources) {
      const meter = this.meterOf(this.universe.sources.intern(saved.id));
      meter.received.set(saved.received);
      meter.accepted.set(saved.accepted);
      for (const [reason, count] of saved.quarantined) meter.quarantined.set(reason, count);
      meter.reconnects = saved.reconnects;
    }
  }
}

function noteDelay({ shortest }: SourceMeter, delayUs: number, recvUs: number): void {
  const halfMinute = Math.floor(recvUs / HALF_MINUTE_US);
  if (halfMinute > shortest.halfMinute) {
    shortest.halfMinute = halfMinute;
    shortest.beforeUs = shortest.nowUs;
    shortest.nowUs = delayUs;
  } else if (delayUs < shortest.nowUs) shortest.nowUs = delayUs;
}

/** Sum over the kinds of a column of counters. */
export function total(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
