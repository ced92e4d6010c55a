import type { LocalBus } from '../bus/index.ts';
import type { Metrics } from '../host/index.ts';

/** What the bus counts: how full its log is, what its bounds cost, and signals by what they say. */
export function registerBusMetrics(metrics: Metrics, bus: LocalBus): void {
  const signals = new Map<string, number>();
  bus.listen(({ type, status }) => {
    if (type === 'signal' && status !== undefined) signals.set(status, (signals.get(status) ?? 0) + 1);
  });
  metrics.counter('tickloom_signals_total', 'Signals that were published, by what they say.', (emit) => {
    for (const [label, count] of signals) emit(count, { label });
  });
  metrics.gauge('tickloom_event_log_events', 'Events in the persisted log.', (emit) => emit(bus.store.size, {}));
  metrics.counter('tickloom_event_log_dropped_total', 'Events that left the log or never got there.', (emit) => {
    emit(bus.store.dropped, { reason: 'log_full' });
    emit(bus.dropped, { reason: 'disk_failed' });
  });
  metrics.counter('tickloom_event_log_failures_total', 'Commits of the log that failed.', (emit) =>
    emit(bus.failures, {}),
  );
  metrics.counter('tickloom_event_log_suppressed_total', 'Statements that were said before a restart.', (emit) =>
    emit(bus.suppressed, {}),
  );
}
