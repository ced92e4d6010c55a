import type { HealthReport, MetricsDocument } from '../../src/api/protocol/index.ts';
import type { AppContext, Screen } from '../app-context.ts';
import { el, setAttr, setText } from '../dom/element.ts';
import { type Column, LiveTable } from '../dom/live-table.ts';
import { bytes, duration, fixed, NO_VALUE, short } from '../dom/number-text.ts';
import { panel, skeleton } from '../dom/state-panel.ts';
import { api } from '../net/api-client.ts';
import { MetricSet } from '../state/metric-set.ts';
import { ageText } from '../time/zone-clock.ts';
import { PolledPart } from './polled-part.ts';

/** The floor for tick to pattern event, in seconds (spec, section 17). */
const FLOOR_S = 0.1;

interface StageRow {
  readonly name: string;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly count: number;
}

const SHOWN_ROUTES = 12;

interface QueueRow {
  readonly name: string;
  readonly depth: number;
  readonly capacity: number | undefined;
}

interface DropRow {
  readonly name: string;
  readonly policy: string;
  readonly count: number;
}

/** How fast, how full, and what was dropped: the machine behind the numbers. */
export class SystemScreen implements Screen {
  readonly title = 'System';
  readonly element: HTMLElement;
  readonly #context: AppContext;
  readonly #health = el('div', {}, skeleton(2));
  readonly #age = el('p', { class: 'muted panel-note' });
  readonly #tiles = el('dl', { class: 'tiles' });
  readonly #tileValues = new Map<string, HTMLElement>();
  readonly #stagePlace = el('div', {}, skeleton(4));
  readonly #routePlace = el('div', {}, skeleton(4));
  readonly #routes: LiveTable<StageRow>;
  readonly #queuePlace = el('div', {}, skeleton(3));
  readonly #dropPlace = el('div', {}, skeleton(2));
  readonly #stages: LiveTable<StageRow>;
  readonly #queues: LiveTable<QueueRow>;
  readonly #drops: LiveTable<DropRow>;
  readonly #polledMetrics: PolledPart<MetricsDocument>;
  readonly #polledHealth: PolledPart<HealthReport>;
  #received: { readonly total: number; readonly atMs: number } | undefined;

  constructor(context: AppContext) {
    this.#context = context;
    this.#stages = timingTable('Stage', 'Time per stage', true);
    this.#routes = timingTable('Route', 'Time to answer, per route', false);
    this.#queues = queueTable();
    this.#drops = dropTable();
    this.#polledMetrics = new PolledPart(context, this.#stagePlace, 2_000, api.metrics, (document) =>
      this.#showMetrics(document),
    );
    this.#polledHealth = new PolledPart(context, this.#health, 3_000, api.health, (health) => this.#showHealth(health));
    for (const [id, label] of [
      ['latency', 'tick to signal p99'],
      ['rate', 'events received/s'],
      ['memory', 'resident memory'],
      ['heap', 'JavaScript heap'],
      ['lag', 'event loop lag p99'],
      ['clients', 'WebSocket clients'],
      ['conflated', 'messages conflated'],
      ['disk', 'disk free'],
    ] as const) {
      const value = el('dd', { attrs: { 'data-tile': id }, text: NO_VALUE });
      this.#tileValues.set(id, value);
      this.#tiles.append(el('div', { class: 'tile' }, el('dt', { text: label }), value));
    }
    this.element = el(
      'div',
      { class: 'screen system' },
      el('h1', { class: 'screen-title', text: 'System' }),
      this.#tiles,
      panel('Stages', this.#age, this.#stagePlace),
      panel('HTTP answers', this.#routePlace),
      panel('Queues', this.#queuePlace),
      panel('Dropped or conflated', this.#dropPlace),
      panel('Health', this.#health),
    );
  }

  mount(): void {
    this.#polledMetrics.start();
    this.#polledHealth.start();
  }

  unmount(): void {
    this.#polledMetrics.stop();
    this.#polledHealth.stop();
  }

  paint(nowMs: number): void {
    const answered = this.#polledMetrics.answeredAtMs;
    const age = answered === undefined ? '' : `read ${ageText(nowMs - answered)} ago`.replace('now ago', 'just now');
    setText(this.#age, age === '' ? '' : `${age} · floor for tick to signal ${FLOOR_S * 1000} ms`);
  }

  #showMetrics(document: MetricsDocument): void {
    const metrics = new MetricSet(document);
    const nowMs = Date.now();
    const latency =
      metrics.quantiles('tickloom_tick_to_signal_duration_seconds') ??
      metrics.quantiles('tickloom_stage_duration_seconds', 'stage', 'total');
    this.#tile('latency', duration(latency?.p99), latency !== undefined && latency.p99 > FLOOR_S);
    this.#tile('rate', this.#receivedRate(metrics, nowMs));
    this.#tile('memory', bytes(document.heap.rss_bytes));
    this.#tile('heap', bytes(document.heap.used_bytes));
    this.#tile('lag', duration(metrics.sum('nodejs_eventloop_lag_p99_seconds')));
    this.#tile('clients', fixed(metrics.sum('tickloom_ws_clients'), 0));
    this.#tile('conflated', short(metrics.sum('tickloom_ws_conflated_total')));
    this.#tile('disk', bytes(metrics.sum('tickloom_disk_free_bytes')));
    this.#showStages(metrics, nowMs);
    this.#showRoutes(metrics, nowMs);
    this.#showQueues(metrics, nowMs);
    this.#showDrops(metrics, nowMs);
    this.#context.requestPaint();
  }

  #tile(id: string, text: string, isWarning = false): void {
    const tile = this.#tileValues.get(id);
    if (tile === undefined) return;
    // What this run does not measure has no tile.
    if (tile.parentElement !== null) tile.parentElement.hidden = text === NO_VALUE;
    setText(tile, text);
    setAttr(tile, 'data-warn', isWarning ? 'true' : undefined);
  }

  #receivedRate(metrics: MetricSet, nowMs: number): string {
    const total = metrics.sum('tickloom_events_received_total');
    const before = this.#received;
    if (total === undefined) return NO_VALUE;
    this.#received = { total, atMs: nowMs };
    if (before === undefined || nowMs <= before.atMs) return fixed(this.#context.store.run?.events_per_s, 0);
    return fixed((total - before.total) / ((nowMs - before.atMs) / 1000), 0);
  }

  #showStages(metrics: MetricSet, nowMs: number): void {
    const name = 'tickloom_stage_duration_seconds';
    const rows = metrics.labelValues(`${name}_bucket`, 'stage').map((stage): StageRow => {
      const found = metrics.quantiles(name, 'stage', stage);
      return { name: stage, p50: found?.p50, p99: found?.p99, count: found?.count ?? 0 };
    });
    if (rows.length === 0) {
      this.#stagePlace.replaceChildren(el('p', { class: 'muted panel-note', text: 'This run times no stages.' }));
      return;
    }
    if (this.#stages.element.parentElement === null) this.#stagePlace.replaceChildren(this.#stages.element);
    this.#stages.update(rows, nowMs);
  }

  #showRoutes(metrics: MetricSet, nowMs: number): void {
    const name = 'tickloom_http_request_duration_seconds';
    const rows = metrics.labelValues(`${name}_bucket`, 'route').flatMap((route): StageRow[] => {
      const found = metrics.quantiles(name, 'route', route);
      return found === undefined ? [] : [{ name: route, ...found }];
    });
    if (rows.length === 0) {
      this.#routePlace.replaceChildren(el('p', { class: 'muted panel-note', text: 'Nothing was asked for yet.' }));
      return;
    }
    if (this.#routes.element.parentElement === null) this.#routePlace.replaceChildren(this.#routes.element);
    this.#routes.update(rows.sort((a, b) => b.count - a.count).slice(0, SHOWN_ROUTES), nowMs);
  }

  #showQueues(metrics: MetricSet, nowMs: number): void {
    const rows = metrics.labelValues('tickloom_queue_depth', 'queue').map(
      (queue): QueueRow => ({
        name: queue,
        depth: metrics.value('tickloom_queue_depth', 'queue', queue) ?? 0,
        capacity: metrics.value('tickloom_queue_capacity', 'queue', queue),
      }),
    );
    for (const store of metrics.labelValues('tickloom_store_pending_rows', 'store')) {
      const depth = metrics.value('tickloom_store_pending_rows', 'store', store) ?? 0;
      rows.push({ name: `rows waiting for ${store}`, depth, capacity: undefined });
    }
    if (rows.length === 0) {
      this.#queuePlace.replaceChildren(el('p', { class: 'muted panel-note', text: 'No queue in this run.' }));
      return;
    }
    if (this.#queues.element.parentElement === null) this.#queuePlace.replaceChildren(this.#queues.element);
    this.#queues.update(rows, nowMs);
  }

  #showDrops(metrics: MetricSet, nowMs: number): void {
    const rows = metrics
      .all('tickloom_events_dropped_total')
      .filter((sample) => sample.value > 0)
      .map(
        (sample): DropRow => ({
          name: sample.labels.queue ?? '',
          policy: sample.labels.policy ?? '',
          count: sample.value,
        }),
      );
    if (rows.length === 0) {
      this.#dropPlace.replaceChildren(el('p', { class: 'muted panel-note', text: 'Nothing was dropped.' }));
      return;
    }
    if (this.#drops.element.parentElement === null) this.#dropPlace.replaceChildren(this.#drops.element);
    this.#drops.update(rows, nowMs);
  }

  #showHealth(health: HealthReport): void {
    const lines: [string, string][] = [];
    for (const [name, value] of Object.entries(health.components)) flatten(name, value, lines);
    const badge = el('span', { class: 'state-badge', text: health.status, attrs: { 'data-state': health.status } });
    const list = el('dl', { class: 'facts' });
    for (const [name, value] of lines) {
      list.append(el('div', {}, el('dt', { text: name }), el('dd', { text: value })));
    }
    const up = `version ${health.version}, up ${duration(health.uptime_s)}`;
    this.#health.replaceChildren(el('p', { class: 'panel-note' }, badge, ` ${up}`), list);
  }
}

/** Turns nested facts into `a.b: value` lines. */
function flatten(name: string, value: unknown, lines: [string, string][]): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) flatten(`${name}.${key}`, inner, lines);
  } else if (typeof value === 'number') {
    lines.push([name, Number.isInteger(value) ? fixed(value, 0) : fixed(value, 3)]);
  } else {
    lines.push([name, String(value)]);
  }
}

/** Times per name; against the floor of tick to signal only where that is what the floor is about. */
function timingTable(label: string, caption: string, hasFloor: boolean): LiveTable<StageRow> {
  const meter: Column<StageRow> = { id: 'meter', label: 'p99 against the floor', widget: () => meterWidget() };
  return new LiveTable<StageRow>({
    caption,
    class: 'stage-table',
    keyOf: (row) => row.name,
    columns: [
      { id: 'stage', label, isRowHeader: true, text: (row) => row.name },
      { id: 'p50', label: 'p50', align: 'right', text: (row) => duration(row.p50) },
      { id: 'p99', label: 'p99', align: 'right', text: (row) => duration(row.p99) },
      ...(hasFloor ? [meter] : []),
      { id: 'count', label: 'Samples', align: 'right', text: (row) => short(row.count) },
    ],
  });
}

/** A meter on a logarithmic scale from 1 µs to the floor. */
function meterWidget(): { readonly element: Element; update(row: StageRow): void } {
  const fill = el('span', { class: 'meter-fill' });
  const attrs = { role: 'meter', 'aria-valuemin': '0', 'aria-valuemax': '100', 'aria-label': 'p99 against the floor' };
  const element = el('span', { class: 'meter', attrs }, fill);
  return {
    element,
    update: (row) => {
      const share = row.p99 === undefined ? 0 : Math.log10(Math.max(row.p99, 1e-6) / 1e-6) / Math.log10(FLOOR_S / 1e-6);
      const percent = Math.round(Math.min(1, share) * 100);
      fill.style.width = `${percent}%`;
      setAttr(element, 'aria-valuenow', String(percent));
      setAttr(element, 'aria-valuetext', `${duration(row.p99)} of ${FLOOR_S * 1000} ms`);
      setAttr(element, 'title', `${duration(row.p99)} of ${FLOOR_S * 1000} ms, logarithmic scale`);
      setAttr(element, 'data-over', share > 1 ? 'true' : undefined);
    },
  };
}

function queueTable(): LiveTable<QueueRow> {
  return new LiveTable<QueueRow>({
    caption: 'Queues',
    keyOf: (row) => row.name,
    columns: [
      { id: 'queue', label: 'Queue', isRowHeader: true, text: (row) => row.name },
      { id: 'depth', label: 'Depth', align: 'right', text: (row) => fixed(row.depth, 0) },
      { id: 'capacity', label: 'Capacity', align: 'right', text: (row) => fixed(row.capacity, 0) },
    ],
  });
}

function dropTable(): LiveTable<DropRow> {
  return new LiveTable<DropRow>({
    caption: 'Events dropped or conflated',
    keyOf: (row) => `${row.name}|${row.policy}`,
    columns: [
      { id: 'queue', label: 'Queue', isRowHeader: true, text: (row) => row.name },
      { id: 'policy', label: 'Policy', text: (row) => row.policy },
      { id: 'count', label: 'Events', align: 'right', text: (row) => fixed(row.count, 0) },
    ],
  });
}
