import { invariant } from '../base/index.ts';
import { serveCalls, systemClock, threadFileSystem } from '../host/index.ts';
import { ColumnBatch, type ColumnBatchParts } from './column-batch.ts';
import type { DataSet } from './data-sets.ts';
import { DuckReader } from './duck-reader.ts';
import type { LakeState } from './lake-commit.ts';
import { LakeCommitter } from './lake-committer.ts';
import { ulid } from './ulid.ts';

/** What the store's thread is asked; see {@link LakeCommitter} for the meaning. */
export interface LakeOpenCall {
  readonly directory: string;
  readonly dataSets: readonly DataSet[];
  readonly level: number | undefined;
}

export interface LakeCommitCall {
  readonly batches: readonly ColumnBatchParts[];
  readonly run: string;
  readonly mode: 'append' | 'replace';
  readonly coveredSeq: number;
}

export interface LakeCompactCall {
  readonly beforeDate: string;
}

let committer: LakeCommitter | undefined;

function opened(): LakeCommitter {
  invariant(committer !== undefined, 'the lake is opened before it is used');
  return committer;
}

serveCalls({
  async open({ directory, dataSets, level }: LakeOpenCall): Promise<LakeState> {
    const reader = new DuckReader(`${directory}/lake`);
    committer = await LakeCommitter.open({
      directory,
      files: threadFileSystem,
      newName: () => ulid(systemClock.nowUs() / 1_000),
      readParts: (dataSet, timeframe, paths) => reader.readAll(dataSet, timeframe, paths),
      ...(level === undefined ? {} : { level }),
    });
    for (const dataSet of dataSets) committer.use(dataSet);
    return committer.state();
  },
  commit({ batches, run, mode, coveredSeq }: LakeCommitCall): Promise<LakeState> {
    return opened().commit({ batches: batches.map(ColumnBatch.fromParts), run, mode, coveredSeq });
  },
  async compact({ beforeDate }: LakeCompactCall): Promise<{ merged: number; state: LakeState }> {
    const merged = await opened().compact(beforeDate);
    return { merged, state: opened().state() };
  },
});
