import { type Micros, parseMicros, US_PER_DAY, US_PER_MS } from '../base/index.ts';
import { ZoneClock } from '../calendar/index.ts';
import type { Instrument } from '../model/index.ts';

const NEW_YORK = 'America/New_York';

/** Where days begin: at midnight of the exchange. Providers that stamp days give a date, or midnight UTC of it. */
export class ExchangeDays {
  private readonly zones = new Map<string, ZoneClock>();

  /** Zone of an instrument's days: New York for shares and indices, UTC for what trades around the clock. */
  zoneOf({ assetClass }: Instrument): string {
    return assetClass === 'equity' || assetClass === 'index' ? NEW_YORK : 'UTC';
  }

  /** Midnight, at the exchange, of the UTC date of a stamp. NaN stays NaN. */
  startOf(instrument: Instrument, stampUs: Micros): Micros {
    if (!Number.isSafeInteger(stampUs)) return Number.NaN;
    const dateUs = Math.floor((stampUs as number) / US_PER_DAY) * US_PER_DAY;
    return this.clock(this.zoneOf(instrument)).instantOf(dateUs);
  }

  /**
   * The instant of a local reading `YYYY-MM-DD hh:mm:ss` or `YYYY-MM-DD` in a zone; NaN for any other text.
   * @throws TickloomError `unknown-zone`
   */
  instantOf(text: unknown, zone: string): Micros {
    if (typeof text !== 'string') return Number.NaN;
    const localUs = parseMicros(text.length === 10 ? text : `${text.replace(' ', 'T')}Z`);
    return localUs === undefined ? Number.NaN : this.clock(zone).instantOf(localUs as number);
  }

  /** The instant at which a date `YYYY-MM-DD` is over in a zone; NaN for any other text. */
  endOf(date: unknown, zone: string): Micros {
    const localUs = typeof date === 'string' && date.length === 10 ? parseMicros(date) : undefined;
    return localUs === undefined ? Number.NaN : this.clock(zone).instantOf((localUs as number) + US_PER_DAY);
  }

  /** The month of a zone that holds an instant: its first day as a date in UTC, and the instant at which it ends. */
  monthOf(tsUs: Micros, zone: string): { readonly firstUs: Micros; readonly endUs: Micros } {
    const clock = this.clock(zone);
    const local = new Date(((tsUs as number) + clock.offsetUs(tsUs)) / US_PER_MS);
    const [year, month] = [local.getUTCFullYear(), local.getUTCMonth()];
    const nextUs = Date.UTC(year, month + 1, 1) * US_PER_MS;
    return { firstUs: Date.UTC(year, month, 1) * US_PER_MS, endUs: clock.instantOf(nextUs) };
  }

  private clock(zone: string): ZoneClock {
    let clock = this.zones.get(zone);
    if (clock === undefined) {
      clock = new ZoneClock(zone);
      this.zones.set(zone, clock);
    }
    return clock;
  }
}
