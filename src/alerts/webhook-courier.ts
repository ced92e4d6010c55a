import type { Clock, Log } from '../host/index.ts';
import type { Delivery, Outbox } from './outbox.ts';
import type { SendResult, Webhook, WebhookSender } from './webhook-sender.ts';

/** Messages that are under way to one webhook at once. */
const AT_ONCE = 4;
const GROWTH = 4;
/** The receiver asks for no more messages: Standard Webhooks. */
const GONE = 410;

export interface RetryPlan {
  /** Attempts in all; behind the last failure the delivery is a dead letter. */
  readonly attempts: number;
  /** Wait behind the first failure; each further one is four times as long. */
  readonly firstS: number;
  readonly maxS: number;
}

/** Wait behind the `failures`-th failure: half of it certain, half by chance, so that what failed together does not come back together. */
export function retryDelayS(plan: RetryPlan, failures: number, chance: number): number {
  const fullS = Math.min(plan.maxS, plan.firstS * GROWTH ** (failures - 1));
  return fullS * (0.5 + 0.5 * chance);
}

export interface CourierParts {
  readonly outbox: Outbox;
  readonly sender: WebhookSender;
  readonly webhooks: readonly Webhook[];
  readonly retry: RetryPlan;
  readonly clock: Clock;
  /** 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Takes what is due in the outbox to its webhooks. One that hangs does not hold up the others. A process that is killed
 * behind a delivery and before the note of it delivers again, under the same id.
 */
export class WebhookCourier {
  private readonly parts: CourierParts;
  private readonly underWay = new Map<number, Promise<void>>();
  private readonly busy = new Map<string, number>();
  private readonly stopping = new AbortController();
  /** Ended attempts by webhook and result. */
  readonly results = new Map<string, { readonly webhook: string; readonly result: string; count: number }>();

  constructor(parts: CourierParts) {
    this.parts = parts;
  }

  /** Sets off what is due now. */
  tick(): void {
    if (this.stopping.signal.aborted) return;
    const { outbox, webhooks, clock } = this.parts;
    for (const webhook of webhooks) {
      const busy = this.busy.get(webhook.name) ?? 0;
      if (busy >= AT_ONCE) continue;
      for (const { delivery, body } of outbox.due(webhook.name, clock.nowUs(), AT_ONCE + busy)) {
        if ((this.busy.get(webhook.name) ?? 0) >= AT_ONCE) break;
        if (!this.underWay.has(delivery.id)) this.setOff(webhook, delivery, body);
      }
    }
  }

  /** Sends one message at once and notes how it ended, without a second attempt: the test button. */
  async test(webhook: Webhook, delivery: number, id: string, body: string): Promise<SendResult> {
    const result = await this.parts.sender.send(webhook, id, body, this.stopping.signal);
    const nowUs = this.parts.clock.nowUs();
    this.parts.outbox.record({ delivery, atUs: nowUs, ...result, state: 'test', nextUs: nowUs });
    return result;
  }

  /** Breaks off what is under way; it stays in the outbox for the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.underWay.values());
  }

  private setOff(webhook: Webhook, delivery: Delivery, body: string): void {
    this.busy.set(webhook.name, (this.busy.get(webhook.name) ?? 0) + 1);
    const done = this.deliver(webhook, delivery, body)
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.parts.log.error('alert_not_noted', 'the end of a delivery can not be noted', { reason });
      })
      .finally(() => {
        this.underWay.delete(delivery.id);
        this.busy.set(webhook.name, (this.busy.get(webhook.name) ?? 1) - 1);
      });
    this.underWay.set(delivery.id, done);
  }

  private async deliver(webhook: Webhook, delivery: Delivery, body: string): Promise<void> {
    const { outbox, sender, retry, clock, random, log } = this.parts;
    const result = await sender.send(webhook, delivery.alert, body, this.stopping.signal);
    // Broken off by our own end: nothing is known of it, and it counts as no attempt.
    if (this.stopping.signal.aborted && !result.isDelivered) return;
    const nowUs = clock.nowUs();
    const failures = delivery.attempts + 1;
    const isGone = result.status === GONE;
    const isDead = !result.isDelivered && (isGone || failures >= retry.attempts);
    const state = result.isDelivered ? 'delivered' : isDead ? 'dead' : 'pending';
    const nextUs = state === 'pending' ? nowUs + Math.round(retryDelayS(retry, failures, random()) * 1e6) : nowUs;
    outbox.record({ delivery: delivery.id, atUs: nowUs, ...result, state, nextUs });
    this.count(webhook.name, result.isDelivered ? 'delivered' : isDead ? 'dead' : 'failed');
    if (isGone) outbox.giveUp(webhook.name, 'the receiver asked for no more messages (410)');
    if (isDead) {
      log.error('alert_dead_letter', 'an alert could not be delivered', {
        webhook: webhook.name,
        alert: delivery.alert,
        attempts: failures,
        reason: result.error,
      });
    }
  }

  private count(webhook: string, result: string): void {
    const key = `${webhook} ${result}`;
    const known = this.results.get(key);
    if (known !== undefined) known.count += 1;
    else this.results.set(key, { webhook, result, count: 1 });
  }
}
