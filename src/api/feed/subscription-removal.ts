import type { Channel } from '../protocol/index.ts';
import type { SocketClient } from './socket-client.ts';
import { Subscription, type SubscriptionRequest } from './subscription.ts';

/**
 * Takes subscriptions of one channel away from a client: the equal one where there is one; else, without symbols and
 * timeframes, all of the channel; else those symbols out of every subscription that names them. Returns how many were
 * touched.
 */
export function removeFrom(client: SocketClient, channel: Channel, request: SubscriptionRequest): number {
  const key = Subscription.keyOf(channel, request.symbols, request.timeframes);
  if (client.subscriptions.delete(key)) return 1;
  const { symbols } = request;
  let touched = 0;
  for (const subscription of [...client.subscriptions.values()]) {
    if (subscription.channel !== channel) continue;
    if (symbols === undefined && request.timeframes === undefined) {
      client.subscriptions.delete(subscription.key);
      touched += 1;
    } else if (symbols !== undefined && subscription.symbols !== undefined) {
      touched += narrow(client, subscription, symbols);
    }
  }
  return touched;
}

/** Replaces a subscription by one without some of its symbols. */
function narrow(client: SocketClient, subscription: Subscription, without: readonly string[]): number {
  const left = [...(subscription.symbols as ReadonlySet<string>)].filter((symbol) => !without.includes(symbol));
  if (left.length === subscription.symbols?.size) return 0;
  client.subscriptions.delete(subscription.key);
  if (left.length === 0) return 1;
  const next = subscription.narrowedTo(left);
  if (!client.subscriptions.has(next.key)) client.subscriptions.set(next.key, next);
  return 1;
}
