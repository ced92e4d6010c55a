import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TickloomError, UsageError } from '../base/index.ts';
import { EventReader } from '../bus/index.ts';
import { LakeStore, type RowReader, SqliteStore } from '../stores/index.ts';
import { type Explanation, explanation } from './explain/explanation.ts';
import { MergedReader } from './merged-reader.ts';
import type { ActionContext, ExplainOptions } from './options.ts';
import { storePath } from './replay-input.ts';
import { unsavedRows } from './unsaved-rows.ts';

/** Walks a signal or another statement back to its trades, also while another process goes on collecting. */
export async function runExplain(context: ActionContext, options: ExplainOptions): Promise<number> {
  const id = Number(options.id);
  if (!/^\d{1,16}$/.test(options.id)) {
    throw new UsageError(`explain: ${options.id} is no id; give the id of an event, or the number of a statement.`, {
      subject: 'id',
    });
  }
  const { data_dir: dataDir } = context.config;
  const path = join(dataDir, 'events.db');
  if (!existsSync(path)) {
    throw new TickloomError('not-held', `${dataDir} holds no event log: tickloom start keeps one, a replay does not.`, {
      subject: path,
    });
  }
  const events = new EventReader(path);
  const opened: { close(): Promise<void> }[] = [];
  try {
    const event = events.event(id);
    if (event === undefined) {
      throw new TickloomError('not-held', `${path} has no event ${id}, and no statement of that number.`, {
        subject: options.id,
      });
    }
    const history = SqliteStore.openForReading(storePath(dataDir));
    opened.push(history);
    const lake = existsSync(join(dataDir, 'lake-meta')) ? await LakeStore.openForReading(dataDir) : undefined;
    if (lake !== undefined) opened.push(lake);
    const unsaved =
      event.symbol === undefined
        ? undefined
        : await unsavedRows(
            context.config,
            event.symbol,
            Math.min(history.coveredSeq, lake?.coveredSeq ?? 0),
            (sentence) => context.stderr.write(`note: ${sentence}\n`),
          );
    const over = (store: (RowReader & { readonly coveredSeq: number }) | undefined): RowReader | undefined => {
      if (store === undefined || unsaved === undefined) return store ?? unsaved?.store;
      return new MergedReader(store, unsaved.store, store.coveredSeq);
    };
    const found = await explanation(
      { event: (wanted) => events.event(wanted), bars: over(history) ?? history, trades: over(lake) },
      event.id,
    );
    if (found === undefined) return 1;
    context.stdout.write(options.json ? `${JSON.stringify(found)}\n` : text(found));
    return 0;
  } finally {
    events.close();
    for (const store of opened) await store.close();
  }
}

function text(found: Explanation): string {
  const { statement, probability, patterns, bar, trades } = found;
  const lines = [`${found.type} ${found.id}`, ...members(statement, ['odds', 'points', 'patterns', 'regime'])];
  lines.push('', 'probability');
  if (probability === null) lines.push('  none is said');
  else {
    lines.push(...members(probability, []));
    if (probability['has_edge'] === false) lines.push('  no edge over random entries is measured');
  }
  for (const pattern of patterns) {
    lines.push('', `pattern ${String(pattern['pattern_id'])} (event ${String(pattern['id'])})`);
    lines.push(...members(pattern, ['type', 'odds', 'points', 'regime']));
  }
  lines.push('', 'bar');
  if (bar === null) lines.push('  none is held');
  else lines.push(...members({ ...bar }, []));
  lines.push('', `trades: ${trades.count}`);
  if (trades.note !== null) lines.push(`  ${trades.note}`);
  for (const trade of trades.shown) {
    const { time, price, size, action, source, received_at, tape_seq } = trade;
    lines.push(
      `  ${time}  ${price ?? '-'} x ${size ?? '-'}  ${action}  from ${source ?? '-'}, received ${received_at ?? '-'}, tape ${tape_seq ?? '-'}`,
    );
  }
  lines.push('', 'clocks', ...members(found.clocks, []));
  return `${lines.join('\n')}\n`;
}

function members(of: Readonly<Record<string, unknown>>, without: readonly string[]): string[] {
  return Object.entries(of)
    .filter(([name]) => !without.includes(name))
    .map(
      ([name, value]) => `  ${name.padEnd(20)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
    );
}
