import type { Channel } from '../protocol/index.ts';
import type { Audience } from './audience.ts';

/** One stream of events: a channel, for a symbol and a timeframe where the channel has them. Interned by the hub. */
export class Topic {
  readonly channel: Channel;
  readonly symbol: string | undefined;
  readonly timeframe: string | undefined;
  /** Audiences that get it, valid for `version` of the hub's subscriptions. */
  audiences: readonly Audience[] = [];
  version = -1;

  constructor(channel: Channel, symbol: string | undefined, timeframe: string | undefined) {
    this.channel = channel;
    this.symbol = symbol;
    this.timeframe = timeframe;
  }

  static key(channel: Channel, symbol: string | undefined, timeframe: string | undefined): string {
    return `${channel}|${symbol ?? ''}|${timeframe ?? ''}`;
  }
}
