import { formatMicros, type Micros } from '../../base/index.ts';
import type { EventBus } from '../../bus/index.ts';
import type { EngineSink } from '../../engine/index.ts';
import type { Bar, EventBatch, Gap, Universe } from '../../model/index.ts';
import type { FormingBar } from '../api-context.ts';
import type { AlertEvent, RunStatus } from '../protocol/index.ts';
import { formingBarRow } from './bar-wire.ts';
import { BarBody, FeaturesBody, PlainBody, TradeBody } from './event-bodies.ts';
import type { EventHub } from './event-hub.ts';
import { gapRow } from './gap-wire.ts';
import { systemAlert } from './statement-events.ts';
import type { Topic } from './topic.ts';

/** What the feed reads beside the engine's outputs. */
export interface LiveFeedOptions {
  readonly hub: EventHub;
  readonly bus: EventBus;
  readonly universe: Universe;
  readonly timeframes: readonly string[];
  readonly featureNames: readonly string[];
  readonly formingMs: number;
  readonly statsMs: number;
  engineTimeUs(): Micros;
  formingBar(symbol: string, timeframe: string): FormingBar | undefined;
  run(): RunStatus;
}

/**
 * The engine's sink that feeds the WebSocket clients. Trades, closed bars, features, gaps and alerts are published as
 * they come; forming bars and statistics on a cadence of their own, the newest state only.
 */
export class LiveFeed implements EngineSink {
  private readonly options: LiveFeedOptions;
  private readonly tradeTopics: Topic[] = [];
  /** By symbol, then timeframe. */
  private readonly barTopics: Topic[][] = [];
  private readonly featureTopics: Topic[][] = [];
  /** Symbols whose forming bars may have changed since the last round. */
  private readonly touched = new Set<number>();
  private readonly lastForming = new Map<Topic, FormingBar>();
  private timers: NodeJS.Timeout[] = [];

  constructor(options: LiveFeedOptions) {
    this.options = options;
  }

  /** Starts the cadence of forming bars and statistics. */
  start(): void {
    this.timers = [
      setInterval(() => this.sendFormingBars(), this.options.formingMs),
      setInterval(() => this.sendStats(), this.options.statsMs),
    ];
    for (const timer of this.timers) timer.unref();
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
  }

  onTrade(batch: EventBatch, row: number): void {
    const symbol = batch.symbol[row] as number;
    this.touched.add(symbol);
    const topic = this.tradeTopic(symbol);
    const { universe, hub } = this.options;
    hub.publish(
      topic,
      new TradeBody(
        topic.symbol as string,
        batch.tsEventUs[row] as number,
        batch.p0[row] as number,
        batch.p1[row] as number,
        universe.sources.text(batch.source[row] as number),
      ),
    );
  }

  onQuote(batch: EventBatch, row: number): void {
    this.touched.add(batch.symbol[row] as number);
  }

  onAmendment(batch: EventBatch, row: number): void {
    this.touched.add(batch.symbol[row] as number);
  }

  onBar(bar: Bar): void {
    const { hub, universe } = this.options;
    const topic = this.topicOf(this.barTopics, 'bars', bar);
    const source = universe.sources.text(bar.source);
    const nowUs = this.options.engineTimeUs();
    hub.publish(topic, new BarBody(bar, topic.symbol as string, topic.timeframe as string, source, nowUs));
  }

  onFeatures(bar: Bar, values: Float64Array, offset: number): void {
    const { hub, featureNames } = this.options;
    const topic = this.topicOf(this.featureTopics, 'features', bar);
    const symbol = topic.symbol as string;
    const timeframe = topic.timeframe as string;
    const copy = values.slice(offset, offset + featureNames.length);
    const nowUs = this.options.engineTimeUs();
    const body = new FeaturesBody(featureNames, copy, bar, symbol, timeframe, nowUs);
    hub.publish(topic, body, `features|${symbol}|${timeframe}`);
  }

  onGap(gap: Gap): void {
    const row = gapRow(gap, this.options.universe);
    const timestamp = formatMicros(this.options.engineTimeUs());
    this.options.hub.publish(
      this.options.hub.topic('gaps', row.symbol),
      new PlainBody({ type: 'gap', timestamp, ...row }),
    );
  }

  onStatus(batch: EventBatch, row: number): void {
    const payload = batch.payload[row];
    if (payload?.type !== 'status') return;
    const id = batch.symbol[row] as number;
    const symbol = id < 0 ? undefined : this.options.universe.symbol(id);
    const source = this.options.universe.sources.text(batch.source[row] as number);
    const level = payload.state === 'disconnected' || payload.state === 'halted' ? 'HIGH' : 'LOW';
    const reason = payload.reason === '' ? '' : `: ${payload.reason}`;
    this.alert(level, `${symbol ?? source} ${payload.state}${reason}`, symbol);
  }

  /** Publishes a sentence for people on the channel `alerts`. */
  alert(level: AlertEvent['level'], message: string, symbol?: string): void {
    const atUs = this.options.engineTimeUs();
    this.options.bus.publish({
      channel: 'alerts',
      type: 'alert',
      symbol,
      timeframe: undefined,
      atUs,
      statement: undefined,
      replaces: undefined,
      pattern: undefined,
      status: 'system',
      level,
      identity: message,
      isChained: false,
      build: (id) => systemAlert(level, message, atUs, id, symbol),
    });
  }

  /** One round of forming bars: those that changed and that somebody listens to. */
  sendFormingBars(): void {
    const { universe, timeframes } = this.options;
    for (const id of this.touched) {
      const symbol = universe.symbol(id);
      for (let index = 0; index < timeframes.length; index++) {
        this.sendFormingBar(this.barTopic(this.barTopics, 'bars', id, index), symbol, timeframes[index] as string);
      }
    }
    this.touched.clear();
  }

  sendStats(): void {
    const { hub } = this.options;
    const topic = hub.topic('stats');
    if (!hub.hasListeners(topic)) return;
    const run = this.options.run();
    hub.publishState(topic, new PlainBody({ type: 'stats', timestamp: run.engine_time, ...run }), 'stats');
  }

  private sendFormingBar(topic: Topic, symbol: string, timeframe: string): void {
    const { hub } = this.options;
    if (!hub.hasListeners(topic)) return;
    const bar = this.options.formingBar(symbol, timeframe);
    if (bar === undefined || isSame(bar, this.lastForming.get(topic))) return;
    this.lastForming.set(topic, { ...bar });
    const timestamp = formatMicros(this.options.engineTimeUs());
    const body = new PlainBody({ type: 'bar', timestamp, symbol, ...formingBarRow(bar, timeframe) });
    hub.publishState(topic, body, `bars|${symbol}|${timeframe}`);
  }

  private tradeTopic(symbol: number): Topic {
    let topic = this.tradeTopics[symbol];
    if (topic === undefined) {
      topic = this.options.hub.topic('trades', this.options.universe.symbol(symbol));
      this.tradeTopics[symbol] = topic;
    }
    return topic;
  }

  private topicOf(table: Topic[][], channel: 'bars' | 'features', bar: Bar): Topic {
    return this.barTopic(table, channel, bar.symbol, bar.timeframe);
  }

  private barTopic(table: Topic[][], channel: 'bars' | 'features', symbol: number, timeframe: number): Topic {
    let row = table[symbol];
    if (row === undefined) {
      const name = this.options.universe.symbol(symbol);
      row = this.options.timeframes.map((text) => this.options.hub.topic(channel, name, text));
      table[symbol] = row;
    }
    return row[timeframe] as Topic;
  }
}

function isSame(bar: FormingBar, before: FormingBar | undefined): boolean {
  return (
    before !== undefined &&
    bar.startUs === before.startUs &&
    bar.trades === before.trades &&
    bar.volume === before.volume &&
    bar.close === before.close &&
    bar.high === before.high &&
    bar.low === before.low
  );
}
