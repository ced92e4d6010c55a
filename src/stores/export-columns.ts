import { UsageError } from '../base/index.ts';
import type { ColumnSpec, DataKind, DataSet } from './data-sets.ts';

/** One column of an exported file and the stored column it shows. */
export interface ExportColumn {
  readonly header: string;
  readonly spec: ColumnSpec;
}

const DEFAULT_COLUMNS: Readonly<Record<'bars' | 'trades' | 'quotes', readonly string[]>> = {
  bars: ['start', 'open', 'high', 'low', 'close', 'volume', 'vwap', 'trades', 'revision', 'source', 'quality'],
  trades: ['ts', 'price', 'size', 'exchange', 'conditions'],
  quotes: ['ts', 'bid', 'bidSize', 'ask', 'askSize'],
};

/** Columns of the store that name the file and not the row. */
const NEVER_SHOWN = new Set(['symbol', 'action', 'reasons', 'end']);

export const EXPORT_KINDS = ['bars', 'trades', 'quotes', 'features'] as const satisfies readonly DataKind[];
export type ExportKind = (typeof EXPORT_KINDS)[number];

/** @throws UsageError naming the kinds that can be exported. */
export function checkExportKind(kind: string): ExportKind {
  const found = EXPORT_KINDS.find((known) => known === kind);
  if (found !== undefined) return found;
  throw new UsageError(`"${kind}" can not be exported; allowed are ${EXPORT_KINDS.join(', ')}.`, { subject: 'kind' });
}

/**
 * The columns of an export: those every reader expects first, then, with `all`, the rest of the store's. The time
 * column is always `ts`. Trades show `id` where any of them has one.
 */
export function exportColumns(dataSet: DataSet, columns: 'default' | 'all', hasIds: boolean): readonly ExportColumn[] {
  const kind = dataSet.kind as ExportKind;
  const shown = dataSet.columns.filter((spec) => !NEVER_SHOWN.has(spec.name) && (spec.name !== 'id' || hasIds));
  const first =
    kind === 'features'
      ? shown
      : DEFAULT_COLUMNS[kind].map((name) => shown.find((spec) => spec.name === name) as ColumnSpec);
  const ids = kind === 'trades' ? shown.filter((spec) => spec.name === 'id') : [];
  const chosen = [...first, ...ids];
  const rest = columns === 'all' ? shown.filter((spec) => !chosen.includes(spec)) : [];
  return [...chosen, ...rest].map((spec) => ({ header: spec.name === dataSet.time ? 'ts' : spec.name, spec }));
}
