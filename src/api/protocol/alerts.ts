/** Wire types of alert rules, webhooks and their deliveries. */

type Rfc3339 = string;

/** A rule of the configuration, and what it did so far. */
export interface AlertRuleRow {
  readonly name: string;
  readonly kinds: readonly ('pattern' | 'regime' | 'signal' | 'anomaly' | 'system')[];
  readonly symbols: readonly string[];
  readonly patterns: readonly string[];
  readonly level: 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';
  readonly min_confidence: number;
  readonly quiet_hours: { readonly from: string; readonly to: string; readonly zone: string } | null;
  readonly cool_down_s: number;
  readonly mode: 'on' | 'silent' | 'off';
  readonly webhooks: readonly string[];
  /** Alerts of it that are kept. */
  readonly fired: number;
  readonly last_fired: Rfc3339 | null;
}

/** A receiver; of its address only the host is shown, because paths may hold keys. */
export interface WebhookRow {
  readonly name: string;
  readonly host: string;
  readonly allow_private: boolean;
}

/** Answer of `GET /api/v1/alerts/rules`. */
export interface AlertRules {
  readonly rules: readonly AlertRuleRow[];
  readonly webhooks: readonly WebhookRow[];
}

/** One attempt at a delivery. */
export interface DeliveryAttempt {
  readonly at: Rfc3339;
  /** HTTP status; null where none came. */
  readonly status: number | null;
  readonly error: string | null;
  readonly latency_ms: number;
}

/** One alert on its way to one webhook. */
export interface DeliveryRow {
  readonly id: number;
  /** The `webhook-id`: the same on each attempt. */
  readonly webhook_id: string;
  readonly webhook: string;
  /** Empty for the test button. */
  readonly rule: string;
  readonly message: string;
  readonly state: 'pending' | 'delivered' | 'dead' | 'test';
  readonly attempts: readonly DeliveryAttempt[];
  /** Why it is as it is; null when delivered, or not yet tried. */
  readonly error: string | null;
  readonly created: Rfc3339;
  /** Null where no attempt follows. */
  readonly next_attempt: Rfc3339 | null;
}

/** Answer of `GET /api/v1/alerts/deliveries` and `/dead-letters`, newest first. */
export interface DeliveryList {
  readonly deliveries: readonly DeliveryRow[];
  readonly next_cursor: string | null;
}

/** Answer of the test button. */
export interface WebhookTest {
  readonly webhook_id: string;
  readonly is_delivered: boolean;
  readonly status: number | null;
  readonly error: string | null;
  readonly latency_ms: number;
}
