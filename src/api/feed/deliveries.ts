import type { FeedEvent } from './feed-event.ts';
import type { SocketClient } from './socket-client.ts';

/** Writes down that a client was given all it asked for since its present pass began, up to `toId`. */
export function noteDelivered(client: SocketClient, toId: number): void {
  for (const subscription of client.subscriptions.values()) {
    subscription.delivered.add(Math.max(subscription.fromId, client.passFromId), toId);
  }
}

/** Whether a client is to get an event of the log: it asked for it and was not given it before. */
export function isOwed(client: SocketClient, event: Pick<FeedEvent, 'id' | 'topic'>): boolean {
  let isWanted = false;
  for (const subscription of client.subscriptions.values()) {
    if (event.id <= subscription.fromId || !subscription.matches(event.topic)) continue;
    if (subscription.delivered.has(event.id)) return false;
    isWanted = true;
  }
  return isWanted;
}
