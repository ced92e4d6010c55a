import { invariant } from '../base/index.ts';
import { serveCalls } from '../host/index.ts';
import { ColumnBatch, type ColumnBatchParts } from './column-batch.ts';
import { SqliteWriter } from './sqlite-writer.ts';

export interface SqliteOpenCall {
  readonly path: string;
  readonly busyTimeoutMs: number;
  readonly mode: 'append' | 'replace';
}

export interface SqliteCommitCall {
  readonly batches: readonly ColumnBatchParts[];
  readonly coveredSeq: number;
}

let writer: SqliteWriter | undefined;

function opened(): SqliteWriter {
  invariant(writer !== undefined, 'the database is opened before it is used');
  return writer;
}

serveCalls({
  open({ path, busyTimeoutMs, mode }: SqliteOpenCall): void {
    writer = new SqliteWriter(path, busyTimeoutMs, mode);
  },
  commit({ batches, coveredSeq }: SqliteCommitCall): void {
    opened().commit(batches.map(ColumnBatch.fromParts), coveredSeq);
  },
  setMeta([key, value]: readonly [string, string]): void {
    opened().setMeta(key, value);
  },
  close(): void {
    opened().close();
    writer = undefined;
  },
});
