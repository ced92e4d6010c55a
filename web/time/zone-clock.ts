/** The person's choice of zone. */
export type ZoneChoice = 'utc' | 'exchange' | 'local';

interface Parts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  readonly hour: string;
  readonly minute: string;
  readonly second: string;
}

const partFormatters = new Map<string, Intl.DateTimeFormat>();
const nameFormatters = new Map<string, Intl.DateTimeFormat>();
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function partsIn(zone: string, timeMs: number): Parts {
  let made = partFormatters.get(zone);
  if (made === undefined) {
    made = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    partFormatters.set(zone, made);
  }
  const found: { [name: string]: string } = {};
  for (const part of made.formatToParts(timeMs)) found[part.type] = part.value;
  return found as unknown as Parts;
}

/** Renders times in one zone, always with the zone's name at hand. */
export class ZoneClock {
  readonly choice: ZoneChoice;
  /** IANA name. */
  readonly zone: string;

  constructor(choice: ZoneChoice, exchangeZone: string) {
    this.choice = choice;
    this.zone =
      choice === 'utc'
        ? 'UTC'
        : choice === 'exchange'
          ? exchangeZone
          : Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  /** Short name of the zone at that time: `UTC`, `EST`, `GMT+1`. */
  name(timeMs: number): string {
    if (this.zone === 'UTC' || this.zone === 'Etc/UTC') return 'UTC';
    let made = nameFormatters.get(this.zone);
    if (made === undefined) {
      made = new Intl.DateTimeFormat('en-US', { timeZone: this.zone, timeZoneName: 'short', hour: '2-digit' });
      nameFormatters.set(this.zone, made);
    }
    return made.formatToParts(timeMs).find((part) => part.type === 'timeZoneName')?.value ?? this.zone;
  }

  /** `14:02:11`. */
  time(timeMs: number): string {
    const p = partsIn(this.zone, timeMs);
    return `${p.hour}:${p.minute}:${p.second}`;
  }

  /** `14:02`. */
  minute(timeMs: number): string {
    const p = partsIn(this.zone, timeMs);
    return `${p.hour}:${p.minute}`;
  }

  /** `14:02:11 UTC`. */
  timeWithZone(timeMs: number): string {
    return `${this.time(timeMs)} ${this.name(timeMs)}`;
  }

  /** `30 Jan`. */
  day(timeMs: number): string {
    const p = partsIn(this.zone, timeMs);
    return `${Number(p.day)} ${MONTHS[Number(p.month) - 1] ?? ''}`;
  }

  /** `30 Jan 2026 14:02:11 UTC`. */
  full(timeMs: number): string {
    const p = partsIn(this.zone, timeMs);
    return `${Number(p.day)} ${MONTHS[Number(p.month) - 1] ?? ''} ${p.year} ${p.hour}:${p.minute}:${p.second} ${this.name(timeMs)}`;
  }

  /** `2026-01-30`. */
  date(timeMs: number): string {
    const p = partsIn(this.zone, timeMs);
    return `${p.year}-${p.month}-${p.day}`;
  }

  /** `Jan` or, in January, the year: the coarse marks of an axis. */
  monthMark(timeMs: number): string {
    const p = partsIn(this.zone, timeMs);
    return p.month === '01' ? p.year : (MONTHS[Number(p.month) - 1] ?? '');
  }
}

/** Age in words that stay short: `now`, `3 s`, `2 min`, `5 h`, `3 d`. */
export function ageText(ageMs: number): string {
  const seconds = Math.floor(ageMs / 1000);
  if (seconds < 1) return 'now';
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
