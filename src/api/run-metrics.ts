import type { Metrics } from '../host/index.ts';
import type { ApiContext, RunCounters } from './api-context.ts';

type Row = { readonly count: number };

/** Registers the metrics of a run (names of docs/metrics.md); they are read from the context when asked for. */
export function registerRunMetrics(metrics: Metrics, context: ApiContext, commit: string): void {
  metrics.gauge('tickloom_build_info', 'Always 1; the labels say what runs.', (emit) =>
    emit(1, { version: context.version, commit }),
  );
  registerEventCounters(metrics, () => context.counters());
  registerLevels(metrics, context);
  registerSources(metrics, context);
}

function registerEventCounters(metrics: Metrics, read: () => RunCounters): void {
  const counter = <Item extends Row>(
    name: string,
    help: string,
    rows: (counters: RunCounters) => readonly Item[],
    labels: (row: Item) => Record<string, string>,
  ): void => {
    metrics.counter(name, help, (emit) => {
      for (const row of rows(read())) emit(row.count, labels(row));
    });
  };
  counter(
    'tickloom_events_received_total',
    'Events that sources delivered.',
    (counters) => counters.received,
    ({ source, kind }) => ({ source, kind }),
  );
  counter(
    'tickloom_events_accepted_total',
    'Events that passed validation.',
    (counters) => counters.accepted,
    ({ source, kind }) => ({ source, kind }),
  );
  counter(
    'tickloom_events_quarantined_total',
    'Events that were refused and kept in quarantine.',
    (counters) => counters.quarantined,
    ({ source, reason }) => ({ source, reason }),
  );
  counter(
    'tickloom_events_dropped_total',
    'Entries that a bounded queue gave up, by its named policy.',
    (counters) => counters.dropped,
    ({ queue, policy }) => ({ queue, policy }),
  );
  counter(
    'tickloom_bar_revisions_total',
    'Closed bars that were revised or repaired.',
    (counters) => counters.revisions,
    ({ timeframe }) => ({ timeframe }),
  );
  counter(
    'tickloom_engine_limits_total',
    'Times that a bound of the engine was reached: what came too late, was pushed out, or could not be rebuilt.',
    (counters) => counters.limits,
    ({ limit }) => ({ limit }),
  );
}

function registerLevels(metrics: Metrics, context: ApiContext): void {
  metrics.gauge('tickloom_queue_depth', 'Entries that wait in a queue.', (emit) => {
    for (const { queue, depth } of context.counters().queues) emit(depth, { queue });
  });
  metrics.gauge('tickloom_queue_capacity', 'Bound of a queue.', (emit) => {
    for (const { queue, capacity } of context.counters().queues) emit(capacity, { queue });
  });
  metrics.gauge('tickloom_gaps', 'Intervals in the gap ledger by state.', (emit) => {
    for (const { state, count } of context.counters().gaps) emit(count, { state });
  });
  metrics.gauge('tickloom_store_pending_rows', 'Rows that a store has taken and not written yet.', (emit) => {
    for (const { store, rows } of context.counters().pendingRows) emit(rows, { store });
  });
  metrics.gauge('tickloom_disk_free_bytes', 'Free space of the file system under the data directory.', (emit) => {
    const free = context.counters().diskFreeBytes;
    if (free !== undefined) emit(free);
  });
  metrics.gauge('tickloom_stale_symbols', 'Symbols without news for too long inside their session.', (emit) =>
    emit(context.run().stale),
  );
  metrics.gauge('tickloom_tape_last_seq', 'Sequence of the newest recorded event.', (emit) => {
    const { last_seq } = context.health().components.recorder;
    if (last_seq !== null) emit(last_seq);
  });
  metrics.gauge('tickloom_tape_durable_seq', 'Sequence of the newest event that survives a crash now.', (emit) => {
    const { durable_seq } = context.health().components.recorder;
    if (durable_seq !== null) emit(durable_seq);
  });
}

const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;

function registerSources(metrics: Metrics, context: ApiContext): void {
  metrics.gauge('tickloom_source_last_event_timestamp_seconds', 'Time of the newest event of a source.', (emit) => {
    for (const { id, last_event_at } of context.sources()) {
      if (last_event_at !== null) emit(Date.parse(last_event_at) / 1_000, { source: id });
    }
  });
  metrics.gauge('tickloom_source_breaker_state', '1 for the state that the breaker of a source is in.', (emit) => {
    for (const { id, breaker } of context.sources()) {
      for (const state of BREAKER_STATES) emit(state === breaker ? 1 : 0, { source: id, state });
    }
  });
  metrics.gauge('tickloom_source_symbols_served', 'Symbols that a source serves now.', (emit) => {
    for (const { id, serves } of context.sources()) emit(serves, { source: id });
  });
  metrics.counter('tickloom_source_failovers_total', 'Times that a source took over from another one.', (emit) => {
    for (const { id, take_overs } of context.sources()) emit(take_overs, { source: id });
  });
  metrics.counter('tickloom_source_reconnects_total', 'Times that a source connected again.', (emit) => {
    for (const { id, reconnects } of context.sources()) emit(reconnects, { source: id });
  });
  metrics.gauge('tickloom_source_quota_remaining', 'Requests left in the window of a provider.', (emit) => {
    for (const { id, quota } of context.sources()) {
      if (quota !== null) emit(quota.left, { source: id, window: quota.window });
    }
  });
}
