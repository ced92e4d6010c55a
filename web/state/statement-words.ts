import type { OutcomeEvent, PatternMatchEvent, WireOdds, WireRegimeClasses } from '../../src/api/protocol/index.ts';
import { fixed, NO_VALUE } from '../dom/number-text.ts';

const TREND_WORDS = {
  strong_bear: '▼▼ strong bear',
  weak_bear: '▼ weak bear',
  sideways: '■ sideways',
  weak_bull: '▲ weak bull',
  strong_bull: '▲▲ strong bull',
} as const;

/** `▲ weak bull`; a dash while it warms up. */
export function trendWords(regime: WireRegimeClasses): string {
  return regime.trend === null ? NO_VALUE : TREND_WORDS[regime.trend];
}

/** `Double top`, `#17`. */
export function patternName(id: string | number): string {
  if (typeof id === 'number' || /^\d+$/.test(id)) return `#${id}`;
  const words = id.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `▲ up`, `▼ down`, `◆ none`. */
export function directionWords(direction: PatternMatchEvent['direction']): string {
  return { up: '▲ up', down: '▼ down', none: '◆ none' }[direction];
}

/** Class that colours a direction; the arrow says the same without colour. */
export function actionTone(action: string): string {
  return action.endsWith('BUY') ? 'up' : action.endsWith('SELL') ? 'down' : 'flat';
}

/** `▲ STRONG BUY`: direction without colour. */
export function actionWords(action: string): string {
  return `${action.endsWith('BUY') ? '▲' : action.endsWith('SELL') ? '▼' : '■'} ${action}`;
}

/** A share in [0, 1] as percent. */
export function percentText(share: number | null): string {
  return share === null ? NO_VALUE : `${fixed(share * 100, 1)} %`;
}

/** The probability only where an edge over random entries is measured; else those words. */
export function edgeText(probability: number | null, odds: WireOdds | null): string {
  if (odds === null || probability === null) return NO_VALUE;
  return odds.has_edge ? `${fixed(probability, 1)} %` : 'no edge measured';
}

/** `46.2 % (34–59), n 61, 42 effective`; a rate never comes without what it stands on. */
export function rateText(odds: WireOdds | null): string {
  if (odds === null) return NO_VALUE;
  if (odds.success_rate === null) return 'no outcome yet';
  return `${percentText(odds.success_rate)} (${intervalText(odds)})`;
}

/** 95 % interval of the success rate, in percent. */
export function intervalText(odds: WireOdds): string {
  return odds.n === 0 ? NO_VALUE : `${fixed(odds.low * 100, 0)}–${fixed(odds.high * 100, 0)}`;
}

/** All that is known of the odds in one sentence. */
export function oddsSentence(probability: number | null, odds: WireOdds | null): string {
  if (odds === null) return 'No pattern leads: no odds are said.';
  if (odds.n === 0) return 'No tracked outcome yet: no edge measured.';
  const edge = odds.has_edge
    ? `Probability ${fixed(probability, 1)} %.`
    : `No edge measured: the probability is the base rate, ${fixed(probability, 1)} %.`;
  const rate = `Success ${rateText(odds)} in n ${fixed(odds.n, 0)} outcomes, ${fixed(odds.n_effective, 0)} effective`;
  return `${edge} ${rate}; random entries ${percentText(odds.random_rate)}.`;
}

/** `target, ▲ +0.42 %`. */
export function outcomeWords(outcome: OutcomeEvent | undefined): string {
  if (outcome === undefined) return 'open';
  const sign = outcome.returned > 0 ? '+' : outcome.returned < 0 ? '−' : '';
  return `${outcome.barrier}, ${sign}${fixed(Math.abs(outcome.returned) * 100, 2)} %`;
}
