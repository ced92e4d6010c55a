import type { FeedEvent } from './feed-event.ts';
import type { SocketClient } from './socket-client.ts';
import type { Subscription } from './subscription.ts';
import type { Topic } from './topic.ts';

/**
 * Clients with the same subscriptions: what they get is put together once, and each of them gets the same buffer in one
 * write per flush.
 */
export class Audience {
  readonly key: string;
  readonly members = new Set<SocketClient>();
  private readonly subscriptions: readonly Subscription[];
  private pending: FeedEvent[] = [];

  constructor(key: string, subscriptions: readonly Subscription[]) {
    this.key = key;
    this.subscriptions = subscriptions;
  }

  static keyOf(subscriptions: Iterable<Subscription>): string {
    return [...subscriptions]
      .map((subscription) => subscription.key)
      .sort()
      .join('\n');
  }

  wants(topic: Topic): boolean {
    return this.subscriptions.some((subscription) => subscription.matches(topic));
  }

  /** Queues an event for the next flush; returns true for the first since the last one. */
  queue(event: FeedEvent): boolean {
    return this.pending.push(event) === 1;
  }

  /** Writes what is queued to every member; returns what went to how many. */
  flush(): { readonly events: readonly FeedEvent[]; readonly members: number } {
    const events = this.pending;
    const members = this.members.size;
    if (events.length === 0) return { events, members };
    this.pending = [];
    if (members === 0) return { events, members };
    const frames = events.map((event) => event.frame());
    const bytes = frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames);
    for (const member of this.members) member.deliver(bytes, events);
    return { events, members };
  }
}
