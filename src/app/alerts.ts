import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { channelsOf, type DryRunRow, dryRun } from '../alerts/index.ts';
import { formatMicros, TickloomError, UsageError } from '../base/index.ts';
import { type BusEvent, EventReader } from '../bus/index.ts';
import { alertRules } from './alert-config.ts';
import type { ActionContext, AlertsOptions } from './options.ts';

const EVENTS_AT_ONCE = 5_000;

/** Says how often the rules of the configuration would have fired in the stored past; sends nothing. */
export async function runAlertsDryRun(context: ActionContext, options: AlertsOptions): Promise<number> {
  const all = alertRules(context.config);
  const rules = options.rule === undefined ? all : all.filter(({ name }) => name === options.rule);
  if (rules.length === 0) {
    const known = all.map(({ name }) => name).join(', ');
    const found = options.rule === undefined ? 'alerts.rules is empty' : `there is no rule "${options.rule}"`;
    throw new UsageError(`alerts dry-run: ${found}; allowed: ${known === '' ? 'rules of the configuration' : known}.`, {
      subject: 'alerts.rules',
    });
  }
  const path = join(context.config.data_dir, 'events.db');
  if (!existsSync(path)) {
    throw new TickloomError('not-held', `${context.config.data_dir} holds no event log: nothing was said there yet.`, {
      subject: path,
    });
  }
  const reader = new EventReader(path);
  try {
    const past = new StoredPast(reader, channelsOf(rules.flatMap(({ kinds }) => kinds)));
    // A rule that is off is asked all the same: that is what one wants to know before turning it on.
    const rows = dryRun(
      rules.map((rule) => (rule.mode === 'off' ? { ...rule, mode: 'silent' } : rule)),
      past,
    );
    const report = { events: past.count, from: time(past.firstUs), to: time(past.lastUs), rules: rows.map(wireRow) };
    context.stdout.write(options.json ? `${JSON.stringify(report)}\n` : text(report));
    return 0;
  } finally {
    reader.close();
  }
}

/** The events of some channels in order, a page at a time. */
class StoredPast implements Iterable<BusEvent> {
  private readonly reader: EventReader;
  private readonly channels: readonly string[];
  count = 0;
  firstUs: number | undefined;
  lastUs: number | undefined;

  constructor(reader: EventReader, channels: readonly string[]) {
    this.reader = reader;
    this.channels = channels;
  }

  *[Symbol.iterator](): Iterator<BusEvent> {
    for (let lastId = 0; ; ) {
      const page = this.reader.after(lastId, this.channels, EVENTS_AT_ONCE);
      for (const event of page) {
        this.count += 1;
        this.firstUs = Math.min(this.firstUs ?? event.atUs, event.atUs);
        this.lastUs = Math.max(this.lastUs ?? event.atUs, event.atUs);
        yield event;
      }
      const last = page.at(-1);
      if (last === undefined) return;
      lastId = last.id;
    }
  }
}

function wireRow({ rule, fired, quiet, coolDown, firstUs, lastUs, bySymbol }: DryRunRow) {
  const times = { first: time(firstUs), last: time(lastUs) };
  return { rule, fired, in_quiet_hours: quiet, in_cool_down: coolDown, ...times, by_symbol: bySymbol };
}

function time(us: number | undefined): string | null {
  return us === undefined ? null : formatMicros(us);
}

interface Report {
  readonly events: number;
  readonly from: string | null;
  readonly to: string | null;
  readonly rules: readonly ReturnType<typeof wireRow>[];
}

function text({ events, from, to, rules }: Report): string {
  const span = from === null ? '' : `, ${from} to ${to}`;
  const lines = rules.flatMap(({ rule, fired, in_quiet_hours: quiet, in_cool_down: coolDown, by_symbol }) => {
    const most = Object.entries(by_symbol).sort(([, a], [, b]) => b - a);
    const shown = most.slice(0, 5).map(([symbol, count]) => `${symbol === '' ? '-' : symbol} ${count}`);
    return [
      `${rule}: would have fired ${fired} times; ${quiet} more in quiet hours, ${coolDown} more in the cool-down`,
      ...(shown.length === 0 ? [] : [`  ${shown.join(', ')}${most.length > 5 ? ' …' : ''}`]),
    ];
  });
  return `${[`${events} stored events${span}`, ...lines].join('\n')}\n`;
}
