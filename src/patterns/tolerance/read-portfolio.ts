import { TickloomError } from '../../base/index.ts';
import { type Direction, parseTimeframe } from '../../model/index.ts';
import { listAt, mappingAt, numberAt, optional, refusal, textAt, wholeAt } from './document-reader.ts';
import type { PatternEvidence, Portfolio, TolerancePattern } from './portfolio.ts';
import { conditionsAt } from './read-condition.ts';
import { readSourcePortfolio } from './source-portfolio.ts';

/** The form of the file that this program writes and reads. */
export const PORTFOLIO_VERSION = 1;
/** Patterns that a portfolio may have. */
const MAX_PATTERNS = 1_000;

const KEYS = ['$schema', 'version', 'name', 'description', 'mined', 'patterns'];
const PATTERN_KEYS = [
  'id',
  'name',
  'description',
  'timeframe',
  'direction',
  'conditions',
  'success_rate',
  'sample_size',
  'target_pct',
  'stop_pct',
  'horizon_bars',
  'evidence',
  'measured',
];

const DIRECTIONS: Readonly<Record<string, Direction>> = {
  long: 1,
  up: 1,
  bullish: 1,
  buy: 1,
  short: -1,
  down: -1,
  bearish: -1,
  sell: -1,
  neutral: 0,
};

/**
 * Checks a portfolio document, as JSON.parse gives it: the form of this program, or the list that the source system
 * writes as `final_portfolio.json`.
 * @throws UsageError with the path of the first offending key, what was found and what is allowed.
 */
export function readPortfolio(document: unknown): Portfolio {
  if (Array.isArray(document)) {
    return { name: undefined, patterns: readSourcePortfolio(listAt('', document, MAX_PATTERNS)) };
  }
  const root = mappingAt('', document, KEYS);
  const version = root.version ?? PORTFOLIO_VERSION;
  if (version !== PORTFOLIO_VERSION) throw refusal('version', version, `${PORTFOLIO_VERSION}`);
  optional(root.description, 'description', (path, value) => textAt(path, value, 2_000));
  optional(root.mined, 'mined', (path, value) => mappingAt(path, value));
  const patterns = listAt('patterns', root.patterns, MAX_PATTERNS).map((entry, i) =>
    patternAt(`patterns[${i}]`, entry),
  );
  refuseTwins(patterns);
  return { name: optional(root.name, 'name', (path, value) => textAt(path, value, 200)), patterns };
}

function patternAt(path: string, value: unknown): TolerancePattern {
  const entry = mappingAt(path, value, PATTERN_KEYS);
  const at = (key: string): string => `${path}.${key}`;
  optional(entry.description, at('description'), (where, text) => textAt(where, text, 2_000));
  optional(entry.measured, at('measured'), (where, measured) => mappingAt(where, measured));
  const id = idAt(at('id'), entry.id);
  return {
    id,
    name: optional(entry.name, at('name'), (where, text) => textAt(where, text, 200)) ?? `Pattern ${id}`,
    timeframe: optional(entry.timeframe, at('timeframe'), timeframeAt),
    direction: directionAt(at('direction'), entry.direction),
    conditions: conditionsAt(at('conditions'), entry.conditions),
    successRate: optional(entry.success_rate, at('success_rate'), shareAt),
    sampleSize: optional(entry.sample_size, at('sample_size'), (where, n) => wholeAt(where, n, 0, 1e9)),
    targetPct: optional(entry.target_pct, at('target_pct'), (where, n) => numberAt(where, n, 0.001, 1_000)),
    stopPct: optional(entry.stop_pct, at('stop_pct'), (where, n) => numberAt(where, n, 0.001, 99.9)),
    horizonBars: optional(entry.horizon_bars, at('horizon_bars'), (where, n) => wholeAt(where, n, 1, 5_000)),
    evidence: optional(entry.evidence, at('evidence'), evidenceAt),
  };
}

/** A whole number from 0, or a short word. */
function idAt(path: string, value: unknown): string | number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1e9) return value;
  if (typeof value === 'string' && /^[A-Za-z0-9][\w.:-]{0,63}$/.test(value)) return value;
  throw refusal(
    path,
    value,
    'a whole number from 0, or up to 64 letters, digits and . : _ - that begin with neither sign',
  );
}

function timeframeAt(path: string, value: unknown): string {
  try {
    return parseTimeframe(textAt(path, value, 20)).text;
  } catch (error) {
    if (!(error instanceof TickloomError) || error.code !== 'bad-timeframe') throw error;
    throw refusal(path, value, 'a timeframe such as 1m, 15m, 1h, 1d');
  }
}

function directionAt(path: string, value: unknown): Direction {
  if (value === 1 || value === -1 || value === 0) return value;
  const key = typeof value === 'string' ? value.toLowerCase() : '';
  const direction = Object.hasOwn(DIRECTIONS, key) ? DIRECTIONS[key] : undefined;
  if (direction === undefined) throw refusal(path, value, `one of ${Object.keys(DIRECTIONS).join(', ')}`);
  return direction;
}

/** A share, or a percentage where it is above 1. */
export function shareAt(path: string, value: unknown): number {
  const rate = numberAt(path, value, 0, 100);
  return rate > 1 ? rate / 100 : rate;
}

function evidenceAt(path: string, value: unknown): PatternEvidence {
  if (value !== 'kept' && value !== 'none') throw refusal(path, value, 'kept or none');
  return value;
}

/** Ids are compared as texts, since `1` and `"1"` could not be told apart on the wire. */
function refuseTwins(patterns: readonly TolerancePattern[]): void {
  const places = new Map<string, number>();
  for (const [i, { id }] of patterns.entries()) {
    const first = places.get(String(id));
    if (first !== undefined) {
      throw refusal(`patterns[${i}].id`, id, `an id of its own; patterns[${first}] has this one already`);
    }
    places.set(String(id), i);
  }
}
