import type { Micros } from '../base/index.ts';

/** From least to most urgent. */
export const ALERT_LEVELS = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type AlertLevel = (typeof ALERT_LEVELS)[number];

/** What an alert is about. */
export type AlertKind = 'pattern' | 'regime' | 'signal' | 'anomaly' | 'system';

/** `on`: pop-up and webhooks; `silent`: kept in the list of alerts and nothing else; `off`: not looked at. */
export type AlertMode = 'on' | 'silent' | 'off';

/** Hours of a day, by the clocks of a zone, in which a rule says nothing. Half-open; over midnight where `from` is later. */
export interface QuietHours {
  /** Minutes since midnight. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** IANA name. */
  readonly zone: string;
}

/** What somebody wants to be told of. */
export interface AlertRule {
  readonly name: string;
  readonly kinds: readonly AlertKind[];
  /** Globs; empty: any, and what is about no symbol. */
  readonly symbols: readonly string[];
  /** Globs over pattern ids; they filter patterns and leave other kinds alone. Empty: any. */
  readonly patterns: readonly string[];
  /** The least level. */
  readonly level: AlertLevel;
  /** 0 to 100, of patterns and signals; other kinds have no confidence and are not filtered by it. */
  readonly minConfidence: number;
  readonly quietHours: QuietHours | undefined;
  /** Least time between two alerts of the rule about one symbol, in engine time; 0: none. */
  readonly coolDownUs: Micros;
  readonly mode: AlertMode;
  /** Names of webhooks. */
  readonly webhooks: readonly string[];
}

/** An event as rules see it. */
export interface AlertFact {
  readonly eventId: number;
  /** Id of the event that it amends or withdraws. */
  readonly replacesId: number | undefined;
  readonly kind: AlertKind;
  readonly level: AlertLevel;
  readonly confidence: number | undefined;
  readonly symbol: string | undefined;
  readonly pattern: string | undefined;
  /** Engine time. */
  readonly atUs: Micros;
  /** One sentence for a person. */
  readonly message: string;
  /** Whether people see it on the channel `alerts` anyway. */
  readonly isShown: boolean;
  /** The event as the wire has it. */
  readonly event: Readonly<Record<string, unknown>>;
}
