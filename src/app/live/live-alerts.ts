import { join } from 'node:path';
import { AlertDesk, type AlertLevel, type SystemState, SystemWatch } from '../../alerts/index.ts';
import type { AlertRules, AlertsPort, DeliveryRow, WebhookTest } from '../../api/index.ts';
import { formatMicros, Prng } from '../../base/index.ts';
import { type Log, type Metrics, type PlainHistogram, systemClock } from '../../host/index.ts';
import { alertRules, alertWebhooks } from '../alert-config.ts';
import type { ActionContext } from '../options.ts';
import type { OpenRun } from './open-run.ts';
import { StageMeans } from './stage-means.ts';

const LOOK_MS = 1_000;

/** What the watch over the program reads. */
export interface WatchedRun {
  state(): Omit<SystemState, 'slowestStage'>;
  readonly stages: PlainHistogram;
  tell(level: AlertLevel, message: string): void;
}

/** Alerts of a live run: the desk, the watch over the program, and what the API shows of both. */
export class LiveAlerts implements AlertsPort {
  private readonly context: Pick<ActionContext, 'config'>;
  private readonly desk: AlertDesk;
  private watching: NodeJS.Timeout | undefined;

  /** @throws UsageError for a webhook without a secret; TickloomError `alerts-unusable` */
  constructor(context: ActionContext, run: Pick<OpenRun, 'bus'>, log: Log) {
    this.context = context;
    const { config, secrets } = context;
    const { retry, kept } = config.alerts;
    // Another seed for each start: instances that failed together must not come back together.
    const jitter = new Prng(Math.floor(systemClock.nowUs()));
    this.desk = new AlertDesk({
      rules: alertRules(config),
      webhooks: alertWebhooks(config, secrets),
      bus: run.bus,
      path: config.stores.sqlite ? join(config.data_dir, 'alerts.db') : ':memory:',
      keptAlerts: kept,
      retry: { attempts: retry.attempts, firstS: retry.first_s, maxS: retry.max_s },
      timeoutMs: retry.timeout_s * 1_000,
      clock: systemClock,
      random: () => jitter.uniform(),
      log: log.child({ component: 'alerts' }),
    });
  }

  start(watched: WatchedRun): void {
    this.desk.start();
    const { system } = this.context.config.alerts;
    if (!system.enabled) return;
    const bounds = {
      staleSymbols: system.stale_symbols,
      lagMs: system.lag_ms,
      stageMs: system.stage_ms,
      diskFreeMb: system.disk_free_mb,
      looks: Math.ceil((system.hold_s * 1_000) / LOOK_MS),
    };
    const watch = new SystemWatch(bounds, (level, message) => watched.tell(level, message));
    const means = new StageMeans(watched.stages);
    this.watching = setInterval(
      () => watch.look({ ...watched.state(), slowestStage: means.slowestSinceLast() }),
      LOOK_MS,
    );
    this.watching.unref();
  }

  registerMetrics(metrics: Metrics): void {
    const { desk } = this;
    metrics.counter('tickloom_alert_deliveries_total', 'Attempts at webhooks, by result.', (emit) => {
      for (const { webhook, result, count } of desk.courier.results.values()) emit(count, { channel: webhook, result });
    });
    metrics.counter('tickloom_alert_verdicts_total', 'What rules made of events that they are about.', (emit) => {
      for (const [rule, counts] of desk.verdicts) {
        for (const [verdict, count] of Object.entries(counts)) emit(count, { rule, verdict });
      }
    });
    metrics.gauge('tickloom_alert_deliveries_pending', 'Deliveries that wait.', (emit) =>
      emit(desk.outbox.pending, {}),
    );
    metrics.counter('tickloom_alert_dropped_total', 'Alerts and deliveries that a bound cost.', (emit) => {
      emit(desk.outbox.dropped, { reason: 'list_full' });
      emit(desk.outbox.overflowed, { reason: 'too_many_pending' });
    });
    metrics.counter('tickloom_alert_failures_total', 'Rounds that the disk kept from being finished.', (emit) =>
      emit(desk.failures, {}),
    );
  }

  rules(): AlertRules {
    const fired = this.desk.outbox.firedByRule();
    const { alerts } = this.context.config;
    const given = new Map(alerts.rules.map((rule) => [rule.name, rule]));
    return {
      rules: alertRules(this.context.config).map((rule) => {
        const quiet = given.get(rule.name)?.quiet_hours;
        const { count = 0, lastUs } = fired.get(rule.name) ?? {};
        return {
          name: rule.name,
          kinds: rule.kinds,
          symbols: rule.symbols,
          patterns: rule.patterns,
          level: rule.level,
          min_confidence: rule.minConfidence,
          quiet_hours: quiet === undefined ? null : { from: quiet.from, to: quiet.to, zone: quiet.zone ?? 'UTC' },
          cool_down_s: rule.coolDownUs / 1e6,
          mode: rule.mode,
          webhooks: rule.webhooks,
          fired: count,
          last_fired: lastUs === undefined ? null : formatMicros(lastUs),
        };
      }),
      webhooks: alerts.webhooks.map(({ name, url, allow_private = false }) => {
        return { name, host: new URL(url).host, allow_private };
      }),
    };
  }

  deliveries(query: Parameters<AlertsPort['deliveries']>[0]): readonly DeliveryRow[] {
    const { outbox } = this.desk;
    return outbox.deliveries(query).map((row) => ({
      id: row.id,
      webhook_id: row.alert,
      webhook: row.webhook,
      rule: row.rule,
      message: row.message,
      state: row.state,
      attempts: outbox.attempts(row.id).map(({ atUs, status, error, latencyMs }) => {
        return { at: formatMicros(atUs), status, error, latency_ms: latencyMs };
      }),
      error: row.error,
      created: formatMicros(row.madeUs),
      next_attempt: row.state === 'pending' ? formatMicros(row.nextUs) : null,
    }));
  }

  async test(webhook: string): Promise<WebhookTest | undefined> {
    if (!this.context.config.alerts.webhooks.some(({ name }) => name === webhook)) return undefined;
    const { id, isDelivered, status, error, latencyMs } = await this.desk.test(webhook);
    return {
      webhook_id: id,
      is_delivered: isDelivered,
      status: status ?? null,
      error: error ?? null,
      latency_ms: latencyMs,
    };
  }

  revive(delivery: number): boolean {
    return this.desk.outbox.revive(delivery, systemClock.nowUs());
  }

  async close(): Promise<void> {
    clearInterval(this.watching);
    await this.desk.close();
  }
}
