import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Calendars } from '../../src/calendar/index.ts';

const DAY_US = 86_400_000_000;

/** A stretch of bars that the tape leaves out: `count` bars from the `first` of the regular session `day`. */
export interface PlantedHole {
  readonly symbol: string;
  /** Counted from the first session of the tape. */
  readonly day: number;
  readonly first: number;
  readonly count: number;
}

export interface HistoryTape {
  readonly paths: readonly string[];
  readonly bars: number;
  /** Every hole as a report should name it. */
  readonly holes: readonly {
    readonly symbol: string;
    readonly from: string;
    readonly to: string;
    readonly bars: number;
  }[];
}

/** Writes bars of all regular sessions of `days` before `toUs`, but for the planted holes, one CSV file per symbol. */
export function writeHistoryTape(
  folder: string,
  symbols: readonly string[],
  days: number,
  toUs: number,
  lengthUs: number,
  planted: readonly PlantedHole[],
): HistoryTape {
  const calendar = new Calendars().get('us-equity');
  const sessions = calendar.sessionsBetween(toUs - days * DAY_US, toUs, ['regular']);
  const minutes = lengthUs / 60e6;
  const holes: HistoryTape['holes'][number][] = [];
  let bars = 0;
  const paths = symbols.map((symbol, s) => {
    const lines = ['ts,open,high,low,close,volume'];
    for (const [d, session] of sessions.entries()) {
      const missing = planted.filter((hole) => hole.symbol === symbol && hole.day === d);
      for (const { first, count } of missing) {
        const fromUs = session.startUs + first * lengthUs;
        const toHoleUs = Math.min(session.endUs, fromUs + count * lengthUs);
        const text = (us: number): string => new Date(us / 1_000).toISOString().replace('.000Z', 'Z');
        holes.push({ symbol, from: text(fromUs), to: text(toHoleUs), bars: (toHoleUs - fromUs) / lengthUs });
      }
      const length = (session.endUs - session.startUs) / lengthUs;
      for (let i = 0; i < length; i++) {
        const startUs = session.startUs + i * lengthUs;
        if (startUs < toUs - days * DAY_US || startUs + lengthUs > toUs) continue;
        if (missing.some(({ first, count }) => i >= first && i < first + count)) continue;
        const open = 100 + s + ((d * 31 + i * 7) % 50) / 100;
        const close = 100 + s + ((d * 31 + (i + 1) * 7) % 50) / 100;
        const [high, low] = [Math.max(open, close) + 0.01, Math.min(open, close) - 0.01];
        lines.push(`${startUs / 1_000},${open},${high.toFixed(2)},${low.toFixed(2)},${close},${100 + (i % 9)}`);
        bars++;
      }
    }
    const path = join(folder, `${symbol}.${minutes}m.csv`);
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  });
  return { paths, bars, holes };
}
