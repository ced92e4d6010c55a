import type { CivilDay } from './civil-day.ts';
import type { SessionKind } from './session.ts';
import type { ExchangeYear } from './us-equity-days.ts';

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/**
 * Trading hours of one or several trade dates, in the calendar's zone. Times are `HH:MM` or `HH:MM:SS`; `to` may be
 * `24:00`. A segment whose `from` is not before its `to` begins on the evening before its trade date.
 */
export interface HoursDefinition {
  readonly kind: SessionKind;
  readonly from: string;
  readonly to: string;
  /** True for a segment that lies wholly on the evening before its trade date. */
  readonly previous_day?: boolean;
}

/** Weekly hours; `days` are trade dates (a forex Monday opens on Sunday evening). */
export interface SegmentDefinition extends HoursDefinition {
  readonly days: readonly Weekday[];
}

/** The weekly plan of a range of trade dates, both ends included; a missing end is open. */
export interface WeekDefinition {
  readonly valid_from?: string;
  readonly valid_to?: string;
  /** Local time at which the trade date begins. `00:00` (default) is its own midnight, any other the evening before. */
  readonly day_start?: string;
  readonly segments: readonly SegmentDefinition[];
}

export interface EarlyCloseDefinition {
  /** `2026-11-27`, or `12-24` for every year. */
  readonly date: string;
  /** Everything but `post` ends here at the latest. */
  readonly close: string;
  /** End of a `post` session that then starts at `close`; without it there is none on that day. */
  readonly extended_to?: string;
}

export interface LateOpenDefinition {
  readonly date: string;
  /** Nothing starts before this time. */
  readonly open: string;
}

export interface SpecialDayDefinition {
  readonly date: string;
  /** Replaces the weekly plan, the holidays and the early closes of that date. */
  readonly segments: readonly HoursDefinition[];
}

/** A trading calendar as data, as a configuration file carries it. Every list refers to trade dates. */
export interface CalendarDefinition {
  readonly id: string;
  /** Id of a calendar to start from: what is not named here is inherited, lists are added to the inherited ones. */
  readonly extends?: string;
  /** IANA zone. Needed unless inherited. */
  readonly zone?: string;
  /** `session`: intraday bars start with the session segment. `clock`: they start on multiples of their length in UTC. */
  readonly bar_anchor?: 'session' | 'clock';
  /** Which midnight of the trade date stamps bars of a day and longer. */
  readonly day_label?: 'exchange' | 'utc';
  /** Whether what happens on a day without sessions counts to that day itself or to the next trade date. */
  readonly off_days?: 'own' | 'next';
  /** Needed unless inherited. */
  readonly weeks?: readonly WeekDefinition[];
  /** Trade dates without sessions: `2026-12-25`, or `12-25` for every year. */
  readonly holidays?: readonly string[];
  /** Trade dates that are no holidays although a rule or an inherited list says so. */
  readonly open_days?: readonly string[];
  readonly early_closes?: readonly EarlyCloseDefinition[];
  readonly late_opens?: readonly LateOpenDefinition[];
  readonly special_days?: readonly SpecialDayDefinition[];
}

/** Hours in microseconds from the trade date's own midnight (negative: the evening before). */
export interface Hours {
  readonly kind: SessionKind;
  readonly fromUs: number;
  readonly toUs: number;
}

export interface WeekPlan {
  readonly fromDay: CivilDay;
  readonly toDay: CivilDay;
  /** Where the trade date begins, from its own midnight: 0 or negative. */
  readonly dayStartUs: number;
  /** Index: weekday of the trade date, 0 Sunday. Sorted by time, without overlaps. */
  readonly hours: readonly (readonly Hours[])[];
}

export interface EarlyClose {
  readonly closeUs: number;
  readonly extendedToUs: number | undefined;
}

/** A checked definition in the form that the calendar computes with. Day keys are dates or `MM-DD`. */
export interface CalendarPlan {
  readonly id: string;
  readonly zone: string;
  readonly barAnchor: 'session' | 'clock';
  readonly dayLabel: 'exchange' | 'utc';
  readonly offDays: 'own' | 'next';
  readonly weeks: readonly WeekPlan[];
  readonly holidays: ReadonlySet<string>;
  readonly openDays: ReadonlySet<string>;
  readonly earlyCloses: ReadonlyMap<string, EarlyClose>;
  readonly lateOpensUs: ReadonlyMap<string, number>;
  readonly specialDays: ReadonlyMap<string, readonly Hours[]>;
  /** Closures and half days that follow from an exchange's rules, by year. */
  readonly rule: ((year: number) => ExchangeYear) | undefined;
  /** Last date whose closures the exchange has published; later ones follow from the rule alone. */
  readonly publishedThrough: string | undefined;
  /** What the rule's half days mean. */
  readonly ruledEarlyClose: EarlyClose | undefined;
}
