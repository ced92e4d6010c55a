import { crc32 } from 'node:zlib';
import type { Micros } from '../../base/index.ts';
import { fieldProblem } from '../problem.ts';

const CURSOR = /^(-?\d{1,16})\.([0-9a-f]{8})$/;

/**
 * The place where a page of bars ended, tied to the query it belongs to. It carries nothing that the caller could not
 * ask for anyway; the checksum tells a cursor of another query (or a typing mistake) from a good one.
 */
export function barCursor(atUs: Micros, queryKey: string): string {
  return `${atUs}.${checksum(atUs, queryKey)}`;
}

/** The time in a cursor. @throws ProblemError 400 on anything that was not given out for this query. */
export function readBarCursor(cursor: string, queryKey: string): Micros {
  const match = CURSOR.exec(cursor);
  if (match !== null && match[2] === checksum(Number(match[1]), queryKey)) return Number(match[1]);
  throw fieldProblem(
    '/cursor',
    'bad_cursor',
    'The cursor does not belong to this query: pass next_cursor of the page before with otherwise the same parameters.',
  );
}

function checksum(atUs: Micros, queryKey: string): string {
  return crc32(`${atUs}|${queryKey}`).toString(16).padStart(8, '0');
}
