import type { Metrics } from '../host/index.ts';
import { PlainHistogram } from '../host/index.ts';
import type { EventHub } from './feed/event-hub.ts';
import type { SocketServer } from './feed/socket-server.ts';
import { CHANNELS } from './protocol/index.ts';

/** What the API counts about itself. */
export class ApiMetrics {
  private readonly requests = new PlainHistogram();
  private readonly refusals = new Map<string, number>();

  /** Counts a request or a connection that a limit refused. */
  refused(limit: string): void {
    this.refusals.set(limit, (this.refusals.get(limit) ?? 0) + 1);
  }

  /** Times a request. `route` is the pattern, never the path. */
  observe(method: string, route: string, code: number, seconds: number): void {
    this.requests.observe(this.requests.series({ method, route, code: String(code) }), seconds);
  }

  register(metrics: Metrics, hub: EventHub, sockets: SocketServer): void {
    metrics.histogram('tickloom_http_request_duration_seconds', 'Time to answer a request.', this.requests);
    metrics.counter(
      'tickloom_api_refused_total',
      'Requests, messages and connections that a limit refused.',
      (emit) => {
        for (const [limit, count] of this.refusals) emit(count, { limit });
      },
    );
    metrics.gauge('tickloom_ws_clients', 'Open WebSocket connections.', (emit) => emit(sockets.clientCount));
    metrics.counter('tickloom_ws_messages_total', 'Events handed to WebSocket clients.', (emit) => {
      for (const channel of CHANNELS) emit(hub.sent[channel], { channel });
    });
    metrics.counter(
      'tickloom_ws_conflated_total',
      'Events that a newer one replaced before a slow client got them.',
      (emit) => emit(hub.clientCounters.conflated),
    );
    metrics.counter(
      'tickloom_ws_dropped_total',
      'Conflatable events that a full backlog gave up (drop-oldest).',
      (emit) => emit(hub.clientCounters.dropped),
    );
    metrics.counter('tickloom_ws_cut_total', 'Clients whose connection the server ended (1001, 1008, 1013).', (emit) =>
      emit(hub.clientCounters.cut),
    );
    metrics.gauge('tickloom_ws_waiting_bytes', 'Bytes that wait for WebSocket clients.', (emit) =>
      emit(sockets.waitingBytes),
    );
    metrics.gauge('tickloom_ws_log_events', 'Events kept for `since`.', (emit) => emit(hub.log.size));
    metrics.counter('tickloom_ws_log_dropped_total', 'Events that left the log for `since` (drop-oldest).', (emit) =>
      emit(hub.log.dropped),
    );
  }
}
