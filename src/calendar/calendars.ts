import { TickloomError, US_PER_HOUR, UsageError } from '../base/index.ts';
import type { CalendarDefinition, CalendarPlan } from './calendar-definition.ts';
import { readDefinition } from './read-definition.ts';
import { TradingCalendar } from './trading-calendar.ts';
import { US_EQUITY_PUBLISHED_THROUGH, usEquityYear } from './us-equity-days.ts';

const WORKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri'] as const;
const EVERY_DAY = ['sun', ...WORKDAYS, 'sat'] as const;
const ROUND_THE_CLOCK = [{ segments: [{ days: EVERY_DAY, kind: 'regular', from: '00:00', to: '24:00' }] }] as const;

/** The calendars that need no configuration. US closures and half days come from the rules in `us-equity-days.ts`. */
const BUILT_IN_CALENDARS: readonly CalendarDefinition[] = [
  {
    id: 'us-equity',
    zone: 'America/New_York',
    weeks: [
      {
        segments: [
          { days: WORKDAYS, kind: 'pre', from: '04:00', to: '09:30' },
          { days: WORKDAYS, kind: 'regular', from: '09:30', to: '16:00' },
          { days: WORKDAYS, kind: 'post', from: '16:00', to: '20:00' },
        ],
      },
    ],
  },
  {
    id: 'forex',
    zone: 'America/New_York',
    bar_anchor: 'clock',
    day_label: 'utc',
    weeks: [{ day_start: '17:00', segments: [{ days: WORKDAYS, kind: 'regular', from: '17:00', to: '17:00' }] }],
    holidays: ['12-25', '01-01'],
  },
  { id: 'crypto', zone: 'UTC', bar_anchor: 'clock', day_label: 'utc', weeks: ROUND_THE_CLOCK },
  { id: 'always', zone: 'UTC', bar_anchor: 'clock', day_label: 'utc', weeks: ROUND_THE_CLOCK },
];

/** The registry of calendars by id: the built-in ones and those that a configuration defines. */
export class Calendars {
  private readonly plans = new Map<string, CalendarPlan>();
  private readonly calendars = new Map<string, TradingCalendar>();

  constructor() {
    for (const definition of BUILT_IN_CALENDARS) {
      const plan = readDefinition(definition, `built-in calendar ${definition.id}`, () => undefined);
      this.register(definition.id === 'us-equity' ? withUsRules(plan) : plan);
    }
  }

  /**
   * Adds a calendar; a definition that extends the calendar of its own id (`extends: us-equity`) replaces it.
   * @param path where the definition stands, for messages
   * @throws UsageError naming the key's path, what was found and what is allowed
   */
  define(definition: unknown, path = 'calendar'): TradingCalendar {
    const plan = readDefinition(definition, path, (id) => this.plans.get(id));
    if (this.plans.has(plan.id) && !extendsItself(definition, plan.id)) {
      throw new UsageError(
        `${path}.id: found ${plan.id}, allowed: an id that is not taken, or one with "extends" of itself.`,
        {
          subject: `${path}.id`,
        },
      );
    }
    return this.register(plan);
  }

  /** @throws TickloomError `unknown-calendar` naming the known ones. */
  get(id: string): TradingCalendar {
    const calendar = this.calendars.get(id);
    if (calendar !== undefined) return calendar;
    throw new TickloomError('unknown-calendar', `No calendar "${id}"; known are ${this.ids().join(', ')}.`, {
      subject: id,
    });
  }

  find(id: string): TradingCalendar | undefined {
    return this.calendars.get(id);
  }

  ids(): readonly string[] {
    return [...this.plans.keys()];
  }

  private register(plan: CalendarPlan): TradingCalendar {
    const calendar = new TradingCalendar(plan);
    this.plans.set(plan.id, plan);
    this.calendars.set(plan.id, calendar);
    return calendar;
  }
}

/** A calendar outside any registry; it may extend the built-in ones. Errors as {@link Calendars.define}. */
export function defineCalendar(definition: unknown, path = 'calendar'): TradingCalendar {
  return new Calendars().define(definition, path);
}

function extendsItself(definition: unknown, id: string): boolean {
  return typeof definition === 'object' && definition !== null && 'extends' in definition && definition.extends === id;
}

function withUsRules(plan: CalendarPlan): CalendarPlan {
  return {
    ...plan,
    rule: usEquityYear,
    publishedThrough: US_EQUITY_PUBLISHED_THROUGH,
    ruledEarlyClose: { closeUs: 13 * US_PER_HOUR, extendedToUs: 17 * US_PER_HOUR },
  };
}
