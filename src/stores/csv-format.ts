import { formatMicros, type Micros } from '../base/index.ts';
import type { Cell } from './column-batch.ts';
import type { ColumnType } from './data-sets.ts';

/** A cell's text must not begin with these: a spreadsheet would take it for a formula. */
const FORMULA_START = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** How times are written: epoch milliseconds with as many fraction digits as needed, or RFC 3339. */
export type TimeStyle = 'ms' | 'iso';

/** One line of RFC 4180 CSV, with its line end. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.join(',')}\n`;
}

/** A cell as CSV: missing is empty, numbers in their shortest form that reads back equal, text quoted where needed. */
export function csvCell(value: Cell, type: ColumnType, times: TimeStyle): string {
  if (value === undefined) return '';
  if (type === 'time') return times === 'iso' ? formatMicros(Number(value)) : formatMillis(Number(value));
  if (typeof value === 'number') return String(value);
  return csvText(value);
}

/**
 * Text as a CSV cell. Text that begins like a formula gets a leading `'`, which readers of these files take off again;
 * numbers are never touched.
 */
export function csvText(text: string): string {
  const safe = FORMULA_START.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Epoch milliseconds of a time in microseconds, exact: `1767225600000.25`. */
export function formatMillis(us: Micros): string {
  const size = Math.abs(us);
  const whole = Math.floor(size / 1_000);
  const fraction = size - whole * 1_000;
  const sign = us < 0 ? '-' : '';
  if (fraction === 0) return `${sign}${whole}`;
  return `${sign}${whole}.${String(fraction).padStart(3, '0').replace(/0+$/, '')}`;
}
