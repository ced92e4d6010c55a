import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseMicros } from '../../src/base/index.ts';
import { Calendars } from '../../src/calendar/index.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/calendar.md'), 'utf8');

it('the examples of docs/calendar.md are accepted and mean what the page says', () => {
  const calendars = new Calendars();
  const ids: string[] = [];
  for (const [, block] of page.matchAll(/```yaml\n([\s\S]*?)```/g)) {
    for (const [id, definition] of Object.entries<object>(parse(block as string).calendars)) {
      calendars.define({ id, ...definition }, `calendars.${id}`);
      ids.push(id);
    }
  }
  expect(ids).toEqual(['us-equity', 'nse', 'cme', 'metals']);
  const isOpen = (id: string, text: string) => calendars.get(id).isOpen(parseMicros(text) as number);
  expect(isOpen('us-equity', '2027-03-03T17:00:00Z')).toBe(false);
  expect(isOpen('us-equity', '2027-03-04T17:00:00Z')).toBe(true);
  expect(isOpen('nse', '2026-11-08T13:00:00Z')).toBe(true);
  expect(isOpen('metals', '2026-02-01T22:30:00Z')).toBe(false);
  expect(isOpen('metals', '2026-02-01T23:30:00Z')).toBe(true);
  expect(isOpen('metals', '2026-12-25T12:00:00Z')).toBe(false);
  expect(calendars.get('metals').plan).toMatchObject({ barAnchor: 'clock', dayLabel: 'utc', offDays: 'next' });
});
