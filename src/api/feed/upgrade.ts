import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Refusal } from '../guard/caller-check.ts';
import { PROBLEM_TYPE, problemDocument } from '../problem.ts';
import { type Channel, PATTERN_SOCKET_PATH, SIGNAL_SOCKET_PATH, SOCKET_PATH } from '../protocol/index.ts';

/** Channels by path: those of a `subscribe` without any, and the only ones there. `/ws` has all of them. */
export const SOCKET_PATHS: Readonly<Record<string, readonly Channel[] | undefined>> = {
  [SOCKET_PATH]: undefined,
  [PATTERN_SOCKET_PATH]: ['pattern_matches'],
  [SIGNAL_SOCKET_PATH]: ['signals'],
};

/** What holds the state that a client missed. */
export const FETCH_PATHS = [
  '/api/v1/symbols',
  '/api/v1/gaps',
  '/api/v1/data/{class}/{symbol}',
  '/api/v1/features/{symbol}',
  '/api/v1/patterns',
  '/api/v1/signals',
  '/api/v1/regimes/{symbol}',
  '/api/v1/alerts',
];

/** Path of a request without its query. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] as string;
}

/** Answers an upgrade that is not granted. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const body = JSON.stringify(problemDocument(refusal.status, refusal.code, refusal.detail));
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n` +
      `Content-Type: ${PROBLEM_TYPE}\r\nSec-WebSocket-Version: 13\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
