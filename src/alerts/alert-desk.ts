import { formatMicros, TickloomError } from '../base/index.ts';
import type { BusEvent, EventDraft, LocalBus } from '../bus/index.ts';
import type { Clock, Log } from '../host/index.ts';
import { alertFact, channelsOf, RULE_STATUS } from './alert-fact.ts';
import type { AlertFact, AlertRule } from './alert-rule.ts';
import { type Alert, Outbox } from './outbox.ts';
import { verdictOf } from './rule-desk.ts';
import { type RetryPlan, WebhookCourier } from './webhook-courier.ts';
import { type SendResult, type Webhook, WebhookSender } from './webhook-sender.ts';

/** Events that are looked at in one go, so that the engine is not kept waiting. */
const EVENTS_AT_ONCE = 500;
const TICK_MS = 100;
const MAX_PENDING = 10_000;

export interface AlertDeskOptions {
  readonly rules: readonly AlertRule[];
  readonly webhooks: readonly Webhook[];
  readonly bus: LocalBus;
  /** File of the outbox; `:memory:` keeps nothing. */
  readonly path: string;
  readonly keptAlerts: number;
  readonly retry: RetryPlan;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Reads the persisted event log behind the place that it left off at, asks the rules, and puts what they fire into the
 * outbox. Because log and outbox outlive the process, so does every alert in between.
 */
export class AlertDesk {
  readonly outbox: Outbox;
  readonly courier: WebhookCourier;
  private readonly options: AlertDeskOptions;
  private readonly sender: WebhookSender;
  private readonly channels: readonly string[];
  private readonly since: ReadonlyMap<string, number>;
  private readonly unlisten: () => void;
  private timer: NodeJS.Timeout | undefined;
  private hasNews = true;
  /** Verdicts by rule. */
  readonly verdicts = new Map<string, { fired: number; quiet: number; 'cool-down': number }>();
  /** Rounds that a disk kept from being finished; they are tried again. */
  failures = 0;

  /** @throws TickloomError `alerts-unusable`, `alerts-newer` */
  constructor(options: AlertDeskOptions) {
    this.options = options;
    const { rules, bus, clock, path, keptAlerts, retry, timeoutMs, webhooks, random, log } = options;
    this.outbox = new Outbox({ path, maxAlerts: keptAlerts, maxPending: MAX_PENDING });
    // A rule is about what happens from its first start on, not about the past of the log.
    const sinceId = Math.max(bus.store.lastId, this.outbox.cursor ?? 0);
    this.outbox.keepRules(
      rules.map(({ name }) => name),
      sinceId,
    );
    this.since = new Map(rules.map(({ name }) => [name, this.outbox.ruleSince(name)]));
    this.channels = channelsOf(rules.flatMap(({ kinds, mode }) => (mode === 'off' ? [] : kinds)));
    if (this.outbox.cursor === undefined) this.outbox.cursor = sinceId;
    this.sender = new WebhookSender(clock, timeoutMs);
    this.courier = new WebhookCourier({
      outbox: this.outbox,
      sender: this.sender,
      webhooks,
      retry,
      clock,
      random,
      log,
    });
    this.unlisten = bus.listen(({ channel }) => {
      if (this.channels.includes(channel)) this.hasNews = true;
    });
  }

  start(): void {
    this.timer = setInterval(() => this.round(), TICK_MS);
    this.timer.unref();
  }

  /** One round: new events, then what is due. */
  round(): void {
    try {
      if (this.hasNews) this.hasNews = this.readEvents();
      this.courier.tick();
    } catch (error) {
      this.failures += 1;
      this.hasNews = true;
      const reason = error instanceof Error ? error.message : String(error);
      if (this.failures === 1) this.options.log.error('alerts_failed', 'the outbox can not be written', { reason });
    }
  }

  /** Returns whether there may be more. */
  private readEvents(): boolean {
    const { bus, clock } = this.options;
    if (this.channels.length === 0) return false;
    bus.commit();
    const cursor = this.outbox.cursor ?? 0;
    const events = bus.store.readAfter(cursor, this.channels, EVENTS_AT_ONCE);
    const last = events.at(-1);
    if (last === undefined) return bus.hasPending;
    const made: { readonly alert: Alert; readonly fact: AlertFact }[] = [];
    const nowUs = clock.nowUs();
    this.outbox.together(() => {
      made.length = 0;
      for (const event of events) {
        for (const { rule, fact } of this.fire(event)) {
          const alert = alertOf(rule, fact);
          this.outbox.add(alert, rule.mode === 'on' ? rule.webhooks : [], nowUs);
          made.push({ alert, fact });
        }
      }
      this.outbox.cursor = last.id;
    });
    this.outbox.trim();
    for (const { alert, fact } of made) {
      if (alert.mode === 'on' && !fact.isShown) bus.publish(shown(alert, fact));
    }
    return events.length === EVENTS_AT_ONCE || bus.hasPending;
  }

  private fire(event: BusEvent): { readonly rule: AlertRule; readonly fact: AlertFact }[] {
    const fact = alertFact(event);
    if (fact === undefined) return [];
    return this.options.rules.flatMap((rule) => {
      if (event.id <= (this.since.get(rule.name) ?? 0)) return [];
      const verdict = verdictOf(rule, fact, this.outbox);
      if (verdict === undefined) return [];
      const counted = this.verdicts.get(rule.name) ?? { fired: 0, quiet: 0, 'cool-down': 0 };
      counted[verdict] += 1;
      this.verdicts.set(rule.name, counted);
      return verdict === 'fired' ? [{ rule, fact }] : [];
    });
  }

  /**
   * Sends a signed message of type `alert.test` to a webhook, once, and says how it went.
   * @throws TickloomError `unknown-webhook`
   */
  async test(name: string): Promise<SendResult & { readonly id: string }> {
    const webhook = this.options.webhooks.find((candidate) => candidate.name === name);
    if (webhook === undefined) throw new TickloomError('unknown-webhook', `There is no webhook "${name}".`);
    const atUs = this.options.clock.nowUs();
    const message = 'A test of Tickloom: nothing happened.';
    const id = `test_${atUs}_${name}`;
    const body = JSON.stringify({ type: 'alert.test', timestamp: formatMicros(atUs), data: { id, message } });
    const alert: Alert = {
      ...{ id, eventId: 0, rule: '', kind: 'test', level: 'LOW', symbol: undefined },
      ...{ atUs, mode: 'on', message, body },
    };
    this.outbox.together(() => this.outbox.add(alert, [name], atUs, 'test'));
    const [delivery] = this.outbox.deliveries({ state: 'test', webhook: name, limit: 1 });
    return { id, ...(await this.courier.test(webhook, delivery?.id ?? 0, id, body)) };
  }

  /** A last round, so that what was said is in the outbox; what was not delivered is so after the next start. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    this.unlisten();
    this.round();
    await this.courier.stop();
    await this.sender.close();
    this.outbox.close();
  }
}

function alertOf(rule: AlertRule, fact: AlertFact): Alert {
  const { eventId, kind, level, symbol, atUs, message } = fact;
  const id = `alert_${eventId}_${rule.name}`;
  const data = { id, rule: rule.name, level, message, ...(symbol === undefined ? {} : { symbol }), event: fact.event };
  const body = JSON.stringify({ type: `alert.${kind}`, timestamp: formatMicros(atUs), data });
  return { id, eventId, rule: rule.name, kind, level, symbol, atUs, mode: rule.mode, message, body };
}

/** What a rule made of an event that is no alert by itself, for the people who watch. */
function shown(alert: Alert, fact: AlertFact): EventDraft {
  const { symbol, level, atUs, message, rule } = alert;
  const timeframe = typeof fact.event['timeframe'] === 'string' ? fact.event['timeframe'] : undefined;
  return {
    channel: 'alerts',
    type: 'alert',
    ...{ symbol, timeframe, atUs, level },
    statement: undefined,
    replaces: undefined,
    pattern: undefined,
    status: RULE_STATUS,
    identity: alert.id,
    isChained: false,
    build: (id) => ({
      type: 'alert',
      timestamp: formatMicros(atUs),
      level,
      message,
      ...(symbol === undefined ? {} : { symbol }),
      id,
      kind: alert.kind,
      ...(timeframe === undefined ? {} : { timeframe }),
      rule,
    }),
  };
}
