import type { Channel } from '../protocol/index.ts';
import { IdRanges } from './id-ranges.ts';
import type { Topic } from './topic.ts';

/** What one `subscribe` asked of one channel. Without symbols or timeframes: all of them. */
export class Subscription {
  readonly channel: Channel;
  readonly symbols: ReadonlySet<string> | undefined;
  readonly timeframes: ReadonlySet<string> | undefined;
  /** Equal for equal subscriptions. */
  readonly key: string;
  /** Events up to here were not asked for; an earlier `since` moves it back. */
  fromId: number;
  /** Events that the client has been given because of this subscription. */
  delivered = new IdRanges();

  constructor(
    channel: Channel,
    symbols: readonly string[] | undefined,
    timeframes: readonly string[] | undefined,
    fromId: number,
  ) {
    this.channel = channel;
    this.symbols = symbols === undefined ? undefined : new Set(symbols);
    this.timeframes = timeframes === undefined ? undefined : new Set(timeframes);
    this.key = Subscription.keyOf(channel, symbols, timeframes);
    this.fromId = fromId;
  }

  static keyOf(
    channel: Channel,
    symbols: readonly string[] | undefined,
    timeframes: readonly string[] | undefined,
  ): string {
    const list = (items: readonly string[] | undefined): string =>
      items === undefined ? '*' : [...new Set(items)].sort().join(',');
    return `${channel} ${list(symbols)} ${list(timeframes)}`;
  }

  matches(topic: Topic): boolean {
    if (topic.channel !== this.channel) return false;
    if (this.symbols !== undefined && topic.symbol !== undefined && !this.symbols.has(topic.symbol)) return false;
    return this.timeframes === undefined || topic.timeframe === undefined || this.timeframes.has(topic.timeframe);
  }

  /** The same subscription for fewer symbols, with the same history. */
  narrowedTo(symbols: readonly string[]): Subscription {
    const next = new Subscription(
      this.channel,
      symbols,
      this.timeframes === undefined ? undefined : [...this.timeframes],
      this.fromId,
    );
    next.delivered = this.delivered;
    return next;
  }
}

/** What a `subscribe` or `unsubscribe` asks for. */
export interface SubscriptionRequest {
  readonly channels: readonly Channel[];
  readonly symbols?: readonly string[];
  readonly timeframes?: readonly string[];
}
