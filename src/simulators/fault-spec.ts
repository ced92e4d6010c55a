import { UsageError } from '../base/index.ts';

/** A fault as it was asked for. Every value has the default of its kind. */
export interface Fault {
  readonly kind: FaultKind;
  /** Probability per event, frame or request. */
  readonly share: number;
  readonly seconds: number;
  /** How many: events before it strikes, symbols, connections, requests; the kind says which. 0 = not given. */
  readonly count: number;
  /** How often it strikes in all. */
  readonly times: number;
  /** Requests allowed per `windowMs`; 0 = no such limit. */
  readonly rate: number;
  readonly windowMs: number;
}

type Unit = 'share' | 'seconds' | 'count' | 'times' | 'rate';

type Settings = Partial<Omit<Fault, 'kind'>>;

interface FaultDefinition {
  readonly summary: string;
  /** Units that the argument may have; the first is that of a bare number. */
  readonly units: readonly Unit[];
  readonly defaults: Settings;
}

/** One line per fault. `docs/simulators.md` says more about each. */
export const FAULTS = {
  drop: { summary: 'events never sent on the stream', units: ['share'], defaults: { share: 0.01 } },
  hole: {
    summary: 'nothing of N seconds of the tape is sent',
    units: ['seconds', 'count', 'times'],
    defaults: { seconds: 30, times: 1 },
  },
  mute: {
    summary: 'connections stay open and answer pings, but send nothing more',
    units: ['seconds', 'count', 'times'],
    defaults: { times: 1 },
  },
  'half-open': {
    summary: 'connections neither read, send nor close any more',
    units: ['seconds', 'count', 'times'],
    defaults: { times: 1 },
  },
  stall: {
    summary: 'sending pauses for N seconds, then what was held back comes',
    units: ['seconds', 'count', 'times'],
    defaults: { seconds: 5, times: 1 },
  },
  slow: { summary: 'N seconds before each frame and answer', units: ['seconds'], defaults: { seconds: 0.005 } },
  duplicate: { summary: 'events sent twice', units: ['share'], defaults: { share: 0.02 } },
  reorder: {
    summary: 'events shuffled within blocks of N',
    units: ['count', 'share'],
    defaults: { count: 8, share: 0.2 },
  },
  late: {
    summary: 'events sent N seconds of the tape late',
    units: ['seconds', 'share'],
    defaults: { seconds: 2, share: 0.01 },
  },
  corrupt: { summary: 'frames damaged on the wire', units: ['share', 'times'], defaults: { share: 0.01 } },
  'unknown-shape': {
    summary: 'extra frames of a shape that is not documented',
    units: ['share', 'times'],
    defaults: { share: 0.01 },
  },
  'wrong-key': { summary: 'every key is refused', units: [], defaults: {} },
  'connection-limit': { summary: 'at most N connections at a time', units: ['count'], defaults: { count: 1 } },
  'symbol-limit': { summary: 'at most N symbols of a connection', units: ['count'], defaults: { count: 30 } },
  '429': {
    summary: 'requests refused with Retry-After: a share, the first N, or those above N/min',
    units: ['count', 'share', 'rate', 'seconds'],
    defaults: { share: 0.2, seconds: 1 },
  },
  '429-bare': {
    summary: 'the same without Retry-After',
    units: ['count', 'share', 'rate'],
    defaults: { share: 0.2 },
  },
  '5xx': { summary: 'requests answered by 500 to 504', units: ['count', 'share'], defaults: { share: 0.2 } },
  quota: {
    summary: 'requests answered by a quota text with status 200',
    units: ['count', 'share', 'rate'],
    defaults: { share: 0.2 },
  },
  'clock-skew': { summary: 'the provider’s clock is N seconds ahead', units: ['seconds'], defaults: { seconds: 5 } },
  disconnect: {
    summary: 'connections cut every N seconds (or N events)',
    units: ['seconds', 'count', 'times'],
    defaults: { seconds: 5 },
  },
} as const satisfies Readonly<Record<string, FaultDefinition>>;

export type FaultKind = `${keyof typeof FAULTS}`;

/** Other words for the same. */
const ALIASES: Readonly<Record<string, FaultKind>> = {
  'auth-failure': 'wrong-key',
  halfopen: 'half-open',
  'rate-limit': '429',
  '429-no-retry-after': '429-bare',
  'quota-text': 'quota',
  skew: 'clock-skew',
};

const WINDOWS_MS: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000, day: 86_400_000 };
const EXAMPLES: Readonly<Record<Unit, string>> = {
  share: '2% (a share)',
  seconds: '5s (seconds; ms and min too)',
  count: '100e (a number)',
  times: 'x3 (how often in all)',
  rate: '60/min (also /s, /h, /day)',
};

/**
 * Reads `KIND[=ARG]`, ARG being parts joined by colons: `disconnect=2s`, `late=1%:5s`, `mute=500e:x2`, `429=60/min`.
 * @throws UsageError naming the faults that exist, or what the argument may be.
 */
export function parseFault(text: string): Fault {
  const at = text.indexOf('=');
  const word = (at < 0 ? text : text.slice(0, at)).trim().toLowerCase().replace(/[ _]+/g, '-');
  const kind = Object.hasOwn(FAULTS, word) ? (word as FaultKind) : ALIASES[word];
  if (kind === undefined) {
    throw new UsageError(`"${word.slice(0, 40)}" is no fault; allowed: ${Object.keys(FAULTS).join(', ')}.`, {
      subject: 'fault',
    });
  }
  const definition: FaultDefinition = FAULTS[kind];
  const parts = at < 0 ? [] : text.slice(at + 1).split(':');
  const given: Settings = Object.assign({}, ...parts.map((part) => readPart(kind, definition, part)));
  const base = { share: 0, seconds: 0, count: 0, times: Number.POSITIVE_INFINITY, rate: 0, windowMs: 0 };
  // A given number of requests or a rate takes the place of the default share.
  const usesShare = given.count === undefined && given.rate === undefined;
  const defaults = usesShare || kind === 'reorder' ? definition.defaults : { ...definition.defaults, share: 0 };
  return { kind, ...base, ...defaults, ...given };
}

function readPart(kind: FaultKind, { units }: FaultDefinition, text: string): Settings {
  const match = /^(x?)(-?\d+(?:\.\d+)?)(%|ms|s|min|e|\/s|\/min|\/h|\/day)?$/.exec(text.trim());
  const value = Number(match?.[2]);
  const unit = match === null ? undefined : unitOf(match[1] === 'x', match[3], units);
  const isBelow = unit !== 'seconds' || kind !== 'clock-skew' ? value < 0 : false;
  if (unit === undefined || !units.includes(unit) || isBelow || (unit === 'share' && shareOf(value, match?.[3]) > 1)) {
    const allowed = units.length === 0 ? 'nothing' : units.map((each) => EXAMPLES[each]).join(', ');
    throw new UsageError(`--fault ${kind} cannot have "${text.slice(0, 40)}"; after the = it may have: ${allowed}.`, {
      subject: 'fault',
    });
  }
  if (unit === 'share') return { share: shareOf(value, match?.[3]) };
  if (unit === 'seconds')
    return { seconds: match?.[3] === 'ms' ? value / 1_000 : match?.[3] === 'min' ? value * 60 : value };
  if (unit === 'count') return { count: Math.round(value) };
  if (unit === 'times') return { times: Math.round(value) };
  return { rate: Math.round(value), windowMs: WINDOWS_MS[(match?.[3] ?? '').slice(1)] ?? 60_000 };
}

function shareOf(value: number, suffix: string | undefined): number {
  return suffix === '%' ? value / 100 : value;
}

function unitOf(isTimes: boolean, suffix: string | undefined, units: readonly Unit[]): Unit | undefined {
  if (isTimes) return suffix === undefined ? 'times' : undefined;
  if (suffix === undefined) return units[0];
  if (suffix === '%') return 'share';
  if (suffix === 'e') return 'count';
  return suffix.startsWith('/') ? 'rate' : 'seconds';
}

/** The faults of a simulator by kind; of two of one kind the last counts. */
export class FaultSet {
  private readonly byKind = new Map<FaultKind, Fault>();

  constructor(faults: readonly Fault[]) {
    for (const fault of faults) this.byKind.set(fault.kind, fault);
  }

  get(kind: FaultKind): Fault | undefined {
    return this.byKind.get(kind);
  }

  has(kind: FaultKind): boolean {
    return this.byKind.has(kind);
  }

  kinds(): readonly FaultKind[] {
    return [...this.byKind.keys()];
  }
}
