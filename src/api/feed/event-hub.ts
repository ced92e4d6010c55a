import type { BusEvent, EventIds } from '../../bus/index.ts';
import type { Clock } from '../../host/index.ts';
import type { ApiLimits } from '../limits.ts';
import { CHANNELS, type Channel, KEPT_CHANNELS } from '../protocol/index.ts';
import { Audience } from './audience.ts';
import { isOwed, noteDelivered } from './deliveries.ts';
import { TextBody } from './event-bodies.ts';
import { EventLog } from './event-log.ts';
import { type EventBody, FeedEvent } from './feed-event.ts';
import type { ClientCounters, SocketClient } from './socket-client.ts';
import { Subscription, type SubscriptionRequest } from './subscription.ts';
import { removeFrom } from './subscription-removal.ts';
import { Topic } from './topic.ts';

/** The events that outlive the process, as the hub reads them. */
export interface KeptEvents {
  /** Everything with an id from here on is there. */
  readonly completeFromId: number;
  /** Puts what was published so far where a restart finds it; called before a client is written to. */
  commit(): void;
  readAfter(id: number, channels: readonly string[], limit: number): readonly BusEvent[];
}

export interface EventHubOptions {
  /** The sequence that ids come from, shared with the bus. */
  readonly ids: EventIds;
  readonly kept: KeptEvents;
  /** Events kept for `since`. */
  readonly logCapacity: number;
  readonly limits: ApiLimits;
  readonly clock: Clock;
  /** Called for a client whose `since` is older than the log, or newer than anything published. */
  readonly onResync: (client: SocketClient, sinceId: number) => void;
}

const KEPT: ReadonlySet<Channel> = new Set<Channel>(KEPT_CHANNELS);

/**
 * Gives events their ids, keeps the newest, and gets each to the clients that listen to it: serialised once, put
 * together once per audience, one write per client and flush. `since` is a cursor over the log that ends by joining the
 * audience in the same turn, so that nothing is lost or doubled at the seam.
 */
export class EventHub {
  readonly log: EventLog;
  readonly clientCounters: ClientCounters = { conflated: 0, dropped: 0, cut: 0 };
  /** Event deliveries by channel. */
  readonly sent: Record<Channel, number> = Object.fromEntries(CHANNELS.map((channel) => [channel, 0])) as Record<
    Channel,
    number
  >;
  private readonly options: EventHubOptions;
  private readonly topics = new Map<string, Topic>();
  private readonly audiences = new Map<string, Audience>();
  private readonly replaying = new Set<SocketClient>();
  private dirty: Audience[] = [];
  private window: FeedEvent[] = [];
  private version = 0;
  private readonly ids: EventIds;
  private isScheduled = false;
  private lastFlushMs = 0;
  /** Pause after the latest write to the sockets. */
  private restMs = 0;

  constructor(options: EventHubOptions) {
    this.options = options;
    this.ids = options.ids;
    this.log = new EventLog(options.logCapacity, this.ids.last + 1);
  }

  /** Id of the newest event. */
  get headId(): number {
    return this.ids.last;
  }

  topic(channel: Channel, symbol?: string, timeframe?: string): Topic {
    const key = Topic.key(channel, symbol, timeframe);
    let topic = this.topics.get(key);
    if (topic === undefined) {
      topic = new Topic(channel, symbol, timeframe);
      this.topics.set(key, topic);
    }
    return topic;
  }

  /** Whether anybody listens to a topic now. */
  hasListeners(topic: Topic): boolean {
    return this.audiencesOf(topic).length > 0;
  }

  /** Publishes an event that is kept for `since`. */
  publish(topic: Topic, body: EventBody, conflationKey?: string): void {
    const event = new FeedEvent(this.ids.next(), topic, conflationKey, body);
    this.log.push(event);
    this.queue(event);
  }

  /** Events of the log that a replay from `sinceId` looks through; a page at least where it begins on disk. */
  replayCost(sinceId: number): number {
    const inMemory = this.log.size - this.log.positionAfter(sinceId);
    return sinceId < this.log.oldestId - 1 ? inMemory + this.options.limits.replayChunkEvents : inMemory;
  }

  /** Passes on an event of the bus, under the id that it got there. */
  relay(published: BusEvent): void {
    const { id, channel, symbol, timeframe, text } = published;
    const event = new FeedEvent(id, this.topic(channel as Channel, symbol, timeframe), undefined, new TextBody(text));
    this.log.push(event);
    this.queue(event);
  }

  /** Publishes a state that the next one replaces (a forming bar, the statistics): never replayed. */
  publishState(topic: Topic, body: EventBody, conflationKey: string): void {
    if (!this.hasListeners(topic)) return;
    this.queue(new FeedEvent(this.ids.next(), topic, conflationKey, body));
  }

  /** Adds subscriptions of a client; `sinceId` asks for what was published after it. */
  subscribe(client: SocketClient, request: SubscriptionRequest, sinceId?: number): void {
    this.pause(client);
    const isFromElsewhere = sinceId !== undefined && sinceId > this.ids.last;
    if (isFromElsewhere) this.options.onResync(client, sinceId);
    const fromId = sinceId === undefined || isFromElsewhere ? this.ids.last : sinceId;
    for (const channel of request.channels) {
      const key = Subscription.keyOf(channel, request.symbols, request.timeframes);
      const known = client.subscriptions.get(key);
      if (known !== undefined) known.fromId = Math.min(known.fromId, fromId);
      else client.subscriptions.set(key, new Subscription(channel, request.symbols, request.timeframes, fromId));
    }
    client.cursorId = Math.min(client.cursorId as number, fromId);
    this.unpause(client);
  }

  /**
   * Takes subscriptions away: the equal one where there is one; else, without symbols and timeframes, all of the
   * channel; else those symbols out of every subscription that names them. Returns how many were touched.
   */
  unsubscribe(client: SocketClient, request: SubscriptionRequest): number {
    this.pause(client);
    let touched = 0;
    for (const channel of request.channels) touched += removeFrom(client, channel, request);
    this.unpause(client);
    return touched;
  }

  /** Forgets a client that is gone. */
  remove(client: SocketClient): void {
    client.isClosed = true;
    this.leave(client);
    this.replaying.delete(client);
  }

  /** The client's socket has room again. */
  drained(client: SocketClient): void {
    if (client.resume() && this.replaying.has(client)) this.replay(client);
  }

  /** Writes everything that is queued. */
  flush(): void {
    this.isScheduled = false;
    this.lastFlushMs = this.options.clock.monotonicMs();
    const audiences = this.dirty;
    const events = this.window;
    this.dirty = [];
    this.window = [];
    for (const audience of audiences) this.flushAudience(audience);
    for (const event of events) event.forgetFrame();
    for (const client of [...this.replaying]) this.replay(client);
    const { flushMs, restPerFlush } = this.options.limits;
    this.restMs = Math.min(flushMs, restPerFlush * (this.options.clock.monotonicMs() - this.lastFlushMs));
  }

  private queue(event: FeedEvent): void {
    const audiences = this.audiencesOf(event.topic);
    if (audiences.length === 0) return;
    for (const audience of audiences) if (audience.queue(event)) this.dirty.push(audience);
    this.window.push(event);
    if (this.window.length >= this.options.limits.flushEvents) this.flush();
    else this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    const waitMs = this.lastFlushMs + this.restMs - this.options.clock.monotonicMs();
    const run = (): void => {
      if (this.isScheduled) this.flush();
    };
    // Timers count whole milliseconds: what is shorter is no pause.
    if (waitMs < 1) setImmediate(run);
    else setTimeout(run, waitMs);
  }

  private flushAudience(audience: Audience): void {
    if (audience.members.size > 0) this.options.kept.commit();
    const counts = audience.flush();
    for (const event of counts.events) this.sent[event.topic.channel] += counts.members;
  }

  private audiencesOf(topic: Topic): readonly Audience[] {
    if (topic.version !== this.version) {
      topic.version = this.version;
      topic.audiences = [...this.audiences.values()].filter((audience) => audience.wants(topic));
    }
    return topic.audiences;
  }

  /** Takes a client out of the flow with everything up to now delivered, and writes down what that was. */
  private pause(client: SocketClient): void {
    this.leave(client);
    client.cursorId ??= this.ids.last;
    noteDelivered(client, client.cursorId);
  }

  private unpause(client: SocketClient): void {
    client.passFromId = client.cursorId as number;
    if (client.passFromId === this.ids.last) {
      this.join(client);
      return;
    }
    // Started with the next flush, so that several messages of one reconnect become one pass in ascending order.
    this.replaying.add(client);
    this.schedule();
  }

  private join(client: SocketClient): void {
    this.replaying.delete(client);
    client.cursorId = undefined;
    if (client.isClosed || client.subscriptions.size === 0) return;
    const key = Audience.keyOf(client.subscriptions.values());
    let audience = this.audiences.get(key);
    if (audience === undefined) {
      audience = new Audience(key, [...client.subscriptions.values()]);
      this.audiences.set(key, audience);
      this.version += 1;
    }
    this.flushAudience(audience);
    audience.members.add(client);
    client.audience = audience;
  }

  private leave(client: SocketClient): void {
    const audience = client.audience;
    if (audience === undefined) return;
    this.flushAudience(audience);
    audience.members.delete(client);
    client.audience = undefined;
    if (audience.members.size === 0) {
      this.audiences.delete(audience.key);
      this.version += 1;
    }
  }

  /** One step of a replay: as much as the client takes now. */
  private replay(client: SocketClient): void {
    if (client.isClosed) {
      this.replaying.delete(client);
      return;
    }
    if (!client.canTake) return;
    const cursorId = client.cursorId as number;
    if (cursorId < this.log.oldestId - 1) {
      this.replayKept(client, cursorId);
      return;
    }
    this.options.kept.commit();
    const frames = this.nextFrames(client, cursorId);
    if (frames.length > 0) client.send(Buffer.concat(frames));
    if (client.cursorId === this.ids.last) this.join(client);
    else this.schedule();
  }

  /**
   * One step of a replay that begins before what is in memory: from the persisted log, for the channels that are kept
   * there. Who asked for others as well, or for more than is kept, is told so first.
   */
  private replayKept(client: SocketClient, cursorId: number): void {
    const { kept, limits } = this.options;
    kept.commit();
    const isComplete = cursorId >= kept.completeFromId - 1;
    const isKept = ({ channel }: Subscription): boolean => isComplete && KEPT.has(channel);
    const lost = [...client.subscriptions.values()].filter((one) => !isKept(one) && one.fromId < this.log.oldestId - 1);
    if (lost.length > 0) this.giveUp(client, cursorId, lost);
    const channels = [...new Set([...client.subscriptions.values()].filter(isKept).map(({ channel }) => channel))];
    if (channels.length === 0) {
      client.cursorId = this.ids.last;
      client.passFromId = this.ids.last;
      this.join(client);
      return;
    }
    const page = kept.readAfter(cursorId, channels, limits.replayChunkEvents);
    const frames: Buffer[] = [];
    for (const { id, channel, symbol, timeframe, text } of page) {
      client.cursorId = id;
      const topic = new Topic(channel as Channel, symbol, timeframe);
      if (!isOwed(client, { id, topic })) continue;
      frames.push(new FeedEvent(id, topic, undefined, new TextBody(text)).frame());
      this.sent[topic.channel] += 1;
    }
    // Behind the last page the log in memory goes on, which holds the other channels as well.
    if (page.length < limits.replayChunkEvents) {
      client.cursorId = Math.max(client.cursorId as number, this.log.oldestId - 1);
    }
    if (frames.length > 0) client.send(Buffer.concat(frames));
    this.schedule();
  }

  /** Subscriptions whose past is gone begin now; what they were given before stays given. */
  private giveUp(client: SocketClient, cursorId: number, lost: readonly Subscription[]): void {
    this.options.onResync(client, cursorId);
    for (const subscription of lost) {
      subscription.delivered.add(Math.max(subscription.fromId, client.passFromId), cursorId);
      subscription.fromId = this.ids.last;
    }
  }

  /** Frames of the next part of the log, and the cursor moved behind them. */
  private nextFrames(client: SocketClient, cursorId: number): Buffer[] {
    const { replayChunkEvents, replayChunkBytes } = this.options.limits;
    const frames: Buffer[] = [];
    let bytes = 0;
    let position = this.log.positionAfter(cursorId);
    const end = Math.min(this.log.size, position + replayChunkEvents);
    while (position < end && bytes < replayChunkBytes) {
      const event = this.log.at(position++);
      client.cursorId = event.id;
      if (!isOwed(client, event)) continue;
      const frame = event.frame();
      event.forgetFrame();
      frames.push(frame);
      bytes += frame.length;
      this.sent[event.topic.channel] += 1;
    }
    if (position === this.log.size) client.cursorId = this.ids.last;
    return frames;
  }
}
