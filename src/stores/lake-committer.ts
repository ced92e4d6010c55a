import { TickloomError } from '../base/index.ts';
import { BoundedTasks, forEachBounded } from './bounded-tasks.ts';
import type { DataSet } from './data-sets.ts';
import { type LakeCommit, type LakeOptions, type LakeState, PARALLEL_FILES } from './lake-commit.ts';
import { COMMIT_FILE, COVERED_FILE, LakeJournal } from './lake-journal.ts';
import {
  checkManifest,
  emptyManifest,
  type LakeManifest,
  type LakePart,
  readJson,
  withParts,
} from './lake-manifest.ts';
import { joined, mergeGroups, partitions } from './lake-rows.ts';
import { type CommitPlan, LakeStager } from './lake-stager.ts';
import { missingParts } from './lake-state.ts';
import { lastOfEachKey, sortedRows } from './row-order.ts';

/** Most cells (rows times columns) of a file that compaction makes: about 160 MB while it is made. */
const MAX_MERGED_CELLS = 20_000_000;

/** Code of the failure of a commit that is decided: its rows are taken, and must not be offered again. */
export const UNFINISHED = 'lake-unfinished';

/**
 * Writes the lake. A commit stages every file and syncs it, then writes `lake-meta/commit.json` (from here on the
 * commit is decided: a crash rolls it forward at the next open), renames the files into place, replaces the manifests,
 * removes superseded files and takes the intent away. One writer a data directory.
 */
export class LakeCommitter {
  private readonly options: LakeOptions;
  private readonly parallel: number;
  private readonly root: string;
  private readonly staging: string;
  private readonly meta: string;
  private readonly manifests = new Map<string, LakeManifest>();
  private readonly journal: LakeJournal;
  private readonly stager: LakeStager;
  private coveredSeq = 0;
  private missing: string[] = [];

  private constructor(options: LakeOptions) {
    this.options = options;
    this.root = `${options.directory}/lake`;
    this.staging = `${options.directory}/lake-staging`;
    this.meta = `${options.directory}/lake-meta`;
    this.parallel = options.parallelFiles ?? PARALLEL_FILES;
    this.stager = new LakeStager(options, this.root, this.staging);
    this.journal = new LakeJournal(options.files, this.parallel, {
      root: this.root,
      staging: this.staging,
      meta: this.meta,
    });
  }

  /** Opens the lake of a data directory, finishes a commit that a crash cut off, and clears the staging folder. */
  static async open(options: LakeOptions): Promise<LakeCommitter> {
    const lake = new LakeCommitter(options);
    const { files } = options;
    for (const folder of [lake.root, lake.staging, lake.meta]) await files.makeDirectory(folder);
    await files.syncDirectory(options.directory);
    await lake.load();
    await lake.journal.load();
    await lake.finishPending();
    await lake.clearStaging();
    lake.missing = await missingParts(files, lake.root, lake.manifests.values());
    return lake;
  }

  state(): LakeState {
    return { manifests: [...this.manifests.values()], coveredSeq: this.coveredSeq, missing: this.missing };
  }

  private async load(): Promise<void> {
    const { files } = this.options;
    for (const name of await files.list(this.meta)) {
      if (!name.endsWith('.json') || name === COMMIT_FILE) continue;
      const value = await readJson(files, `${this.meta}/${name}`);
      if (name === COVERED_FILE) this.coveredSeq = Number((value as { seq?: unknown }).seq ?? 0);
      else {
        const manifest = checkManifest(value, `${this.meta}/${name}`);
        this.manifests.set(manifest.name, manifest);
      }
    }
  }

  private async clearStaging(): Promise<void> {
    const { files } = this.options;
    const names = await files.list(this.staging);
    await forEachBounded(names, this.parallel, (name) => files.remove(`${this.staging}/${name}`));
  }

  /**
   * Makes all rows of the batches durable, or none. When it fails before the commit is decided, nothing changed and the
   * same commit may be tried again; after that point the next call finishes it first.
   */
  async commit(commit: LakeCommit): Promise<LakeState> {
    await this.finishPending();
    const plan = this.newPlan();
    await this.carryOut(plan, Math.max(this.coveredSeq, commit.coveredSeq ?? 0), async () => {
      for (const batch of joined(commit.batches))
        await this.stager.stageBatch(batch, this.use(batch.dataSet), commit, plan);
    });
    return this.state();
  }

  private newPlan(): CommitPlan {
    return { staged: [], removals: [], syncs: new BoundedTasks(this.parallel) };
  }

  /** Stages, decides, finishes; tells a failure before the decision (nothing happened) from one after it. */
  private async carryOut(plan: CommitPlan, coveredSeq: number, stage: () => Promise<void>): Promise<void> {
    try {
      try {
        await stage();
      } finally {
        await plan.syncs.settle();
      }
      await this.decide(plan, coveredSeq);
    } catch (error) {
      if (!this.journal.isPending) {
        await this.discard(plan);
        throw error;
      }
    }
    try {
      await this.finishPending();
    } catch (cause) {
      throw new TickloomError(
        UNFINISHED,
        'The lake took the rows, but a disk failure keeps it from finishing the commit; it goes on at the next commit or open.',
        { subject: this.root, cause },
      );
    }
  }

  /**
   * Merges small files of every date before `beforeDate` (`YYYY-MM-DD`) into files of at most `maxCells` cells, which
   * bounds the memory it takes. Data sets that this writer does not use are left as they are. Returns the number of
   * merged files made.
   */
  async compact(beforeDate: string, level = 9, maxCells = MAX_MERGED_CELLS): Promise<number> {
    await this.finishPending();
    let merged = 0;
    for (const manifest of [...this.manifests.values()]) {
      const dataSet = this.schemas.get(manifest.name);
      if (dataSet === undefined) continue;
      for (const parts of partitions(manifest).values()) {
        if ((parts[0] as LakePart).date >= beforeDate) continue;
        for (const group of mergeGroups(parts, maxCells / dataSet.columns.length)) {
          await this.merge(dataSet, manifest, group, level);
          merged++;
        }
      }
    }
    return merged;
  }

  private async merge(
    dataSet: DataSet,
    manifest: LakeManifest,
    parts: readonly LakePart[],
    level: number,
  ): Promise<void> {
    const { date, timeframe, run } = parts[0] as LakePart;
    const plan = this.newPlan();
    const batch = await this.options.readParts(dataSet, timeframe, this.stager.paths(manifest, parts));
    const order = sortedRows(batch);
    const rows = dataSet.key.length > 0 ? lastOfEachKey(batch, order) : order;
    const owner = parts.every((part) => part.run === run) ? run : 'compaction';
    await this.carryOut(plan, this.coveredSeq, async () => {
      await this.stager.stagePart(batch, rows, manifest.name, date, owner, plan, level);
      for (const part of parts) plan.removals.push({ name: manifest.name, path: part.path });
    });
  }

  private readonly schemas = new Map<string, DataSet>();

  /** Names the data sets this writer works with; others in the lake are left as they are. */
  use(dataSet: DataSet): LakeManifest {
    const columns = dataSet.columns.map((spec) => spec.name).join();
    for (let version = 1; ; version++) {
      const name = version === 1 ? dataSet.kind : `${dataSet.kind}_v${version}`;
      const manifest = this.manifests.get(name) ?? emptyManifest(dataSet, name);
      if (manifest.columns.join() !== columns || manifest.schema !== `${dataSet.kind}/${dataSet.version}`) continue;
      this.manifests.set(name, manifest);
      this.schemas.set(name, dataSet);
      return manifest;
    }
  }

  private async decide(plan: CommitPlan, coveredSeq: number): Promise<void> {
    const names = new Set([...plan.staged, ...plan.removals].map((item) => item.name));
    const manifests = [...names].map((name) =>
      withParts(
        this.manifests.get(name) as LakeManifest,
        new Set(plan.removals.filter((item) => item.name === name).map((item) => item.path)),
        plan.staged.filter((item) => item.name === name).map((item) => item.part),
      ),
    );
    const renames = plan.staged.map(({ staged, name, part }) => ({
      staged: staged.slice(this.staging.length + 1),
      name,
      path: part.path,
    }));
    await this.journal.decide({ renames, removals: plan.removals, manifests, coveredSeq });
  }

  /** Finishes a commit that was decided and then met a failure. */
  async finishPending(): Promise<void> {
    const intent = await this.journal.finish();
    if (intent === undefined) return;
    for (const manifest of intent.manifests) this.manifests.set(manifest.name, manifest);
    this.coveredSeq = Math.max(this.coveredSeq, intent.coveredSeq);
  }

  /** Takes staged files of a failed commit away; what can not be removed now goes at the next open. */
  private async discard(plan: CommitPlan): Promise<void> {
    for (const { staged } of plan.staged) {
      await this.options.files.remove(staged).catch(() => undefined);
    }
  }
}
