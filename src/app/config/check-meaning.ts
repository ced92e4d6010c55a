import { TickloomError, UsageError } from '../../base/index.ts';
import { Calendars } from '../../calendar/index.ts';
import { compileFeatures } from '../../features/index.ts';
import { parseTimeframe } from '../../model/index.ts';
import { ADAPTERS, SOURCES } from '../../sources/index.ts';
import { alertProblems } from './alert-problems.ts';
import type { LoadedConfig } from './load.ts';
import { ANALYSED_TIMEFRAMES, type TickloomConfig } from './schema.ts';
import type { KeyPath } from './schema-walk.ts';
import { nearest } from './suggest.ts';

/** Sources that the program will have; a configuration that names one is told so, rather than taken for a typing error. */
const LATER_SOURCES = 'alpaca polygon alphavantage twelvedata yahoo coingecko fred finnhub'.split(' ');

/** What is wrong with one key. */
export interface Problem {
  readonly path: KeyPath;
  /** The sentence; it begins with the path. */
  readonly message: string;
}

/**
 * Checks what a schema can not say: names that must exist, definitions that must make sense, lists that must agree.
 * @throws UsageError with one line per problem: where it stands, the key, what was found and what is allowed.
 */
export function checkMeaning({ config, placeOf }: Pick<LoadedConfig, 'config' | 'placeOf'>): void {
  const problems = [
    ...sourceProblems(config),
    ...calendarProblems(config),
    ...timeframeProblems(config),
    ...featureProblems(config),
    ...analysisProblems(config),
    ...alertProblems(config),
  ];
  if (problems.length === 0) return;
  const lines = problems.map(({ path, message }) => `${placeOf(path)} ${message}`.trim());
  throw new UsageError(lines.join('\n'), { subject: 'configuration' });
}

function sourceProblems({ source }: TickloomConfig): readonly Problem[] {
  const available = [...SOURCES, ...ADAPTERS].map(({ id }) => id);
  return source.flatMap((name, i): Problem[] => {
    if (available.includes(name)) return [];
    const path = ['source', String(i)];
    const hint = `available: ${available.join(', ')}; files are played with: tickloom replay PATH`;
    if (LATER_SOURCES.includes(name)) {
      return [{ path, message: `source: "${name}" is not available in this version; ${hint}` }];
    }
    const close = nearest(name, available);
    const question = close === undefined ? '' : `did you mean "${close}"? `;
    return [{ path, message: `source: there is no source "${name}"; ${question}${hint}` }];
  });
}

function calendarProblems({ calendars, instruments }: TickloomConfig): readonly Problem[] {
  const known = new Calendars();
  const problems = Object.entries(calendars).flatMap(([id, definition]): Problem[] => {
    const path = ['calendars', id];
    if ('id' in definition) {
      return [{ path: [...path, 'id'], message: `${path.join('.')}.id: leave it out; the key is the id.` }];
    }
    try {
      known.define({ id, ...definition }, path.join('.'));
      return [];
    } catch (error) {
      if (!(error instanceof TickloomError)) throw error;
      const below = error.subject?.slice(path.join('.').length).replaceAll('[', '.').replaceAll(']', '') ?? '';
      return [{ path: [...path, ...below.split('.').filter((key) => key !== '')], message: error.message }];
    }
  });
  for (const [symbol, { calendar }] of Object.entries(instruments)) {
    if (calendar === undefined || known.find(calendar) !== undefined || Object.hasOwn(calendars, calendar)) continue;
    const path = ['instruments', symbol, 'calendar'];
    problems.push({ path, message: `${path.join('.')}: found "${calendar}", allowed: ${known.ids().join(', ')}` });
  }
  return problems;
}

function timeframeProblems({ bars, features }: TickloomConfig): readonly Problem[] {
  const problems: Problem[] = [];
  const texts = bars.timeframes.map((text) => parseTimeframe(text).text);
  texts.forEach((text, i) => {
    if (texts.indexOf(text) === i) return;
    const message = `bars.timeframes: "${bars.timeframes[i]}" is ${text}, which is listed already`;
    problems.push({ path: ['bars', 'timeframes', String(i)], message });
  });
  features.timeframes.forEach((text, i) => {
    if (texts.includes(parseTimeframe(text).text)) return;
    const message = `features.timeframes: "${text}" is not built; allowed (bars.timeframes): ${bars.timeframes.join(', ')}`;
    problems.push({ path: ['features', 'timeframes', String(i)], message });
  });
  return problems;
}

function analysisProblems({
  bars,
  features,
  patterns,
  signals,
  streaming,
  ...rest
}: TickloomConfig): readonly Problem[] {
  const problems: Problem[] = [];
  const built = features.timeframes.length === 0 ? bars.timeframes : features.timeframes;
  const key = features.timeframes.length === 0 ? 'bars.timeframes' : 'features.timeframes';
  const texts = built.map((text) => parseTimeframe(text).text);
  patterns.timeframes.forEach((text, i) => {
    if (texts.includes(parseTimeframe(text).text) || isStandard(patterns.timeframes)) return;
    const message = `patterns.timeframes: "${text}" has no features; allowed (${key}): ${built.join(', ')}`;
    problems.push({ path: ['patterns', 'timeframes', String(i)], message });
  });
  const below = (path: KeyPath, low: number, high: number, other: string): void => {
    if (low < high) return;
    problems.push({ path, message: `${path.join('.')}: found ${low}, allowed: less than ${other}, which is ${high}` });
  };
  below(['signals', 'plain'], signals.plain, signals.strong, 'signals.strong');
  const { pattern_matching: matching, regime_detection: regime } = streaming;
  below(
    ['streaming', 'pattern_matching', 'min_confidence_threshold'],
    matching.min_confidence_threshold,
    matching.trigger_threshold,
    'trigger_threshold',
  );
  const { low, medium } = regime.volatility_thresholds;
  below(['streaming', 'regime_detection', 'volatility_thresholds', 'low'], low, medium, 'medium');
  if (streaming.enabled && !rest.source.includes(streaming.provider)) {
    const message = `streaming.provider: "${streaming.provider}" is not among the sources that run: ${rest.source.join(', ')}`;
    problems.push({ path: ['streaming', 'provider'], message });
  }
  return problems;
}

/** The default list asks for what is built of it; a list that somebody wrote asks for all of it. */
function isStandard(timeframes: readonly string[]): boolean {
  return timeframes.join() === ANALYSED_TIMEFRAMES.join();
}

function featureProblems({ features }: TickloomConfig): readonly Problem[] {
  if (features.names.length === 0) return [];
  try {
    compileFeatures(features.names);
    return [];
  } catch (error) {
    if (!(error instanceof TickloomError)) throw error;
    const at = features.names.findIndex((name) => error.message.includes(`"${name}"`));
    const path = ['features', 'names', ...(at < 0 ? [] : [String(at)])];
    return [{ path, message: `features.names: ${error.message}` }];
  }
}
