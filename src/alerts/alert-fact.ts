import type { BusEvent } from '../bus/index.ts';
import { ALERT_LEVELS, type AlertFact, type AlertKind, type AlertLevel } from './alert-rule.ts';

/** Filed as the status of alerts that rules made: no rule is about those. */
export const RULE_STATUS = 'rule';

const CHANNEL_OF: Readonly<Record<AlertKind, string>> = {
  pattern: 'pattern_matches',
  regime: 'regime_changes',
  signal: 'signals',
  anomaly: 'alerts',
  system: 'alerts',
};

/** The channels on which events of some kinds come. */
export function channelsOf(kinds: Iterable<AlertKind>): readonly string[] {
  return [...new Set([...kinds].map((kind) => CHANNEL_OF[kind]))].sort();
}

type Wire = Readonly<Record<string, unknown>>;

/**
 * An event as rules see it; undefined for what nobody can be alerted of: patterns that did not trigger, and what the
 * channel `alerts` says again of a pattern.
 */
export function alertFact(event: BusEvent): AlertFact | undefined {
  switch (event.type) {
    case 'pattern_match':
      return patternFact(event);
    case 'regime_change':
      return regimeFact(event);
    case 'signal':
      return signalFact(event);
    case 'alert':
      return saidFact(event);
    default:
      return undefined;
  }
}

function patternFact(event: BusEvent): AlertFact | undefined {
  const wire = JSON.parse(event.text) as Wire;
  // What was told of a triggered pattern is told when it changes, whatever it is now.
  if (event.status !== 'TRIGGERED' && replaced(wire) === undefined) return undefined;
  const isCandle = wire['family'] === 'candlestick';
  const signal = String(wire['entry_signal']);
  const verb = wire['change'] === 'new' ? 'triggered' : wordOf(wire['change']);
  return {
    ...base(event, wire),
    kind: 'pattern',
    level: isCandle ? 'LOW' : signal.startsWith('STRONG') ? 'HIGH' : 'MEDIUM',
    confidence: numberOf(wire['confidence']),
    message: `${event.symbol} ${event.timeframe}: pattern #${event.pattern} ${verb} - ${signal} signal`,
    isShown: !isCandle && wire['direction'] !== 'none',
  };
}

function regimeFact(event: BusEvent): AlertFact {
  const wire = JSON.parse(event.text) as Wire;
  const { from, to } = wire as { readonly from: Wire; readonly to: Wire };
  const words = (regime: Wire): string => `${regime['volatility'] ?? '-'}/${regime['trend'] ?? '-'}`;
  const suffix = wire['change'] === 'new' ? '' : ` (${wordOf(wire['change'])})`;
  return {
    ...base(event, wire),
    kind: 'regime',
    level: 'MEDIUM',
    confidence: undefined,
    message: `${event.symbol} ${event.timeframe}: regime ${words(from)} -> ${words(to)}${suffix}`,
    isShown: false,
  };
}

function signalFact(event: BusEvent): AlertFact {
  const wire = JSON.parse(event.text) as Wire;
  const action = String(wire['action']);
  const suffix = wire['change'] === 'new' ? '' : ` (${wordOf(wire['change'])})`;
  return {
    ...base(event, wire),
    kind: 'signal',
    level: action.startsWith('STRONG') ? 'HIGH' : action === 'HOLD' ? 'LOW' : 'MEDIUM',
    confidence: numberOf(wire['confidence']),
    message: `${event.symbol} ${event.timeframe}: ${action}, score ${String(wire['score'])}${suffix}`,
    isShown: false,
  };
}

function saidFact(event: BusEvent): AlertFact | undefined {
  if (event.status === RULE_STATUS || event.pattern !== undefined) return undefined;
  const wire = JSON.parse(event.text) as Wire;
  const kind = wire['kind'];
  if (kind !== 'anomaly' && kind !== 'system') return undefined;
  return {
    ...base(event, wire),
    kind,
    level: levelOf(event.level),
    confidence: undefined,
    message: String(wire['message']),
    isShown: true,
  };
}

function base(event: BusEvent, wire: Wire) {
  const { id, symbol, pattern, atUs } = event;
  return { eventId: id, replacesId: replaced(wire), symbol, pattern, atUs, event: wire };
}

function replaced(wire: Wire): number | undefined {
  return numberOf(wire['replaces']);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value : 'changed';
}

function levelOf(text: string | undefined): AlertLevel {
  return ALERT_LEVELS.find((level) => level === text) ?? 'LOW';
}
