import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { fieldProblem, ProblemError } from '../problem.ts';
import type { AlertRules, DeliveryList, DeliveryRow, WebhookTest } from '../protocol/index.ts';
import {
  AlertRulesSchema,
  DeadLettersQuery,
  DeliveriesQuery,
  DeliveryListSchema,
  DeliveryPath,
  RetryAnswerSchema,
  WebhookPath,
  WebhookTestSchema,
} from '../schemas/alert-schemas.ts';
import { routeSchema } from './route-schema.ts';

/** What the API needs of who keeps rules and deliveries. */
export interface AlertsPort {
  rules(): AlertRules;
  /** Newest first, with numbers below `beforeId`. */
  deliveries(query: {
    readonly state?: DeliveryRow['state'];
    readonly webhook?: string;
    readonly beforeId?: number;
    readonly limit: number;
  }): readonly DeliveryRow[];
  /** Sends a test message; undefined where there is no such webhook. */
  test(webhook: string): Promise<WebhookTest | undefined>;
  /** Tries a dead letter again; false where there is none of that number. */
  revive(delivery: number): boolean;
}

const DEFAULT_ROWS = 100;

/** Rules, deliveries, dead letters and the test button of webhooks. */
export function addAlertRoutes(app: FastifyInstance, alerts: AlertsPort): void {
  const common = { tag: 'alerts' } as const;
  const rules = routeSchema({
    ...common,
    operationId: 'list_alert_rules',
    summary: 'Alert rules with how often they fired, and webhooks',
    answer: AlertRulesSchema,
  });
  app.get('/api/v1/alerts/rules', { schema: rules }, (): AlertRules => alerts.rules());

  const deliveries = routeSchema({
    ...common,
    operationId: 'list_alert_deliveries',
    summary: 'The delivery log of webhooks, newest first, with each attempt',
    query: DeliveriesQuery,
    answer: DeliveryListSchema,
  });
  app.get('/api/v1/alerts/deliveries', { schema: deliveries }, (request) =>
    pageOf(alerts, request.query as Static<typeof DeliveriesQuery>),
  );

  const deadLetters = routeSchema({
    ...common,
    operationId: 'list_alert_dead_letters',
    summary: 'Deliveries that nobody tries any more, newest first',
    query: DeadLettersQuery,
    answer: DeliveryListSchema,
  });
  app.get('/api/v1/alerts/dead-letters', { schema: deadLetters }, (request) =>
    pageOf(alerts, { ...(request.query as Static<typeof DeadLettersQuery>), state: 'dead' }),
  );
  addActions(app, alerts);
}

function addActions(app: FastifyInstance, alerts: AlertsPort): void {
  const retry = routeSchema({
    tag: 'alerts',
    operationId: 'retry_alert_dead_letter',
    summary: 'Try a dead letter again, under the id that it had',
    params: DeliveryPath,
    answer: RetryAnswerSchema,
    problems: [404],
  });
  app.post('/api/v1/alerts/dead-letters/:id/retry', { schema: retry }, (request) => {
    const { id } = request.params as Static<typeof DeliveryPath>;
    if (alerts.revive(id)) return { id, state: 'pending' };
    const detail = `There is no dead letter ${id}.`;
    throw new ProblemError(404, 'unknown_dead_letter', detail, { errors: [{ pointer: '/id', detail }] });
  });

  const test = routeSchema({
    tag: 'alerts',
    operationId: 'test_webhook',
    summary: 'Send a signed test message to a webhook, once, and say how it went',
    params: WebhookPath,
    answer: WebhookTestSchema,
    problems: [404],
  });
  app.post('/api/v1/alerts/webhooks/:name/test', { schema: test }, async (request) => {
    const { name } = request.params as Static<typeof WebhookPath>;
    const result = await alerts.test(name);
    if (result !== undefined) return result;
    const known = alerts.rules().webhooks.map((webhook) => webhook.name);
    const detail = `There is no webhook "${name}"; allowed: ${known.join(', ') || 'none, alerts.webhooks is empty'}.`;
    throw new ProblemError(404, 'unknown_webhook', detail, { errors: [{ pointer: '/name', detail }] });
  });
}

function pageOf(alerts: AlertsPort, query: Static<typeof DeliveriesQuery>): DeliveryList {
  const limit = query.limit ?? DEFAULT_ROWS;
  const rows = alerts.deliveries({
    limit: limit + 1,
    ...(query.state === undefined ? {} : { state: query.state }),
    ...(query.webhook === undefined ? {} : { webhook: query.webhook }),
    ...(query.cursor === undefined ? {} : { beforeId: readCursor(query.cursor) }),
  });
  const deliveries = rows.slice(0, limit);
  const last = deliveries.at(-1);
  return { deliveries, next_cursor: rows.length > limit && last !== undefined ? `before-${last.id}` : null };
}

function readCursor(text: string): number {
  const match = /^before-(\d{1,16})$/.exec(text);
  if (match !== null) return Number(match[1]);
  throw fieldProblem('/cursor', 'bad_cursor', 'The cursor is none of ours: pass next_cursor of the page before.');
}
