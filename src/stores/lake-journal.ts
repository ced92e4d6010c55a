import type { FileSystem } from '../host/index.ts';
import { forEachBounded } from './bounded-tasks.ts';
import { createDurably, replaceDurably } from './durable-file.ts';
import { encodeJson, type LakeIntent, readJson } from './lake-manifest.ts';

export const COMMIT_FILE = 'commit.json';
export const COVERED_FILE = 'covered.json';

/**
 * The lake's redo log of one entry: `lake-meta/commit.json` names the renames, removals and manifests of a decided
 * commit. Carrying it out is idempotent, so it may be cut off anywhere and done again.
 */
export class LakeJournal {
  private readonly files: FileSystem;
  /** File operations under way at a time. */
  private readonly parallel: number;
  private readonly folders: { readonly root: string; readonly staging: string; readonly meta: string };
  private readonly knownFolders = new Set<string>();
  private pending: LakeIntent | undefined;
  /** The intent was decided by this process just now, and nothing has failed since: every staged file is in its place. */
  private isFresh = false;

  constructor(
    files: FileSystem,
    parallel: number,
    folders: { readonly root: string; readonly staging: string; readonly meta: string },
  ) {
    this.files = files;
    this.parallel = parallel;
    this.folders = folders;
  }

  /** Whether a commit is decided and not yet carried out. */
  get isPending(): boolean {
    return this.pending !== undefined;
  }

  /** Finds the intent that an earlier process left. */
  async load(): Promise<void> {
    this.pending = (await readJson(this.files, `${this.folders.meta}/${COMMIT_FILE}`)) as LakeIntent | undefined;
  }

  /** Writes the intent. When this returns, the commit will happen, whatever crashes. */
  async decide(intent: LakeIntent): Promise<void> {
    const { files } = this;
    const { staging, meta } = this.folders;
    await files.syncDirectory(staging);
    const temporary = `${staging}/${COMMIT_FILE}`;
    if ((await files.sizeOf(temporary)) !== undefined) await files.remove(temporary);
    await createDurably(files, temporary, (write) => write(encodeJson(intent)));
    // A rename that reports a failure may have happened all the same; only the directory can tell.
    try {
      await files.rename(temporary, `${meta}/${COMMIT_FILE}`);
    } catch (error) {
      if ((await files.sizeOf(`${meta}/${COMMIT_FILE}`)) !== undefined) this.pending = intent;
      throw error;
    }
    this.pending = intent;
    await files.syncDirectory(meta);
    this.isFresh = true;
  }

  /** Carries the decided commit out; returns it, or `undefined` when there is none. */
  async finish(): Promise<LakeIntent | undefined> {
    const intent = this.pending;
    if (intent === undefined) return undefined;
    const { files } = this;
    const { staging, meta } = this.folders;
    const isFresh = this.isFresh;
    this.isFresh = false;
    if (!isFresh) {
      await files.syncDirectory(meta);
      if (await this.hasLostFiles(intent)) return this.takeBack(intent);
    }
    await this.moveIntoPlace(intent, isFresh);
    for (const manifest of intent.manifests) {
      await replaceDurably(files, staging, meta, `${manifest.name}.json`, encodeJson(manifest));
    }
    await replaceDurably(files, staging, meta, COVERED_FILE, encodeJson({ seq: intent.coveredSeq }));
    await this.removeSuperseded(intent);
    await files.remove(`${meta}/${COMMIT_FILE}`);
    this.pending = undefined;
    return intent;
  }

  private async moveIntoPlace({ renames }: LakeIntent, isFresh: boolean): Promise<void> {
    const { files, parallel } = this;
    const { root, staging } = this.folders;
    const folders = new Set(renames.map((item) => this.folderOf(item)));
    await this.ensureFolders(folders);
    await forEachBounded(renames, parallel, async (item) => {
      const from = `${staging}/${item.staged}`;
      // An earlier attempt may have moved it.
      if (!isFresh && (await files.sizeOf(from)) === undefined) return;
      await files.rename(from, `${root}/${item.name}/${item.path}`);
    });
    await forEachBounded(folders, parallel, (folder) => files.syncDirectory(folder));
  }

  private async removeSuperseded({ removals }: LakeIntent): Promise<void> {
    const { files, parallel } = this;
    await forEachBounded(removals, parallel, async (item) => {
      const path = `${this.folders.root}/${item.name}/${item.path}`;
      if ((await files.sizeOf(path)) !== undefined) await files.remove(path);
    });
    const folders = new Set(removals.map((item) => this.folderOf(item)));
    await forEachBounded(folders, parallel, (folder) => files.syncDirectory(folder));
  }

  /**
   * Whether a power cut took a file on its way between two folders (POSIX promises neither name before both folders are
   * synced). Nobody was told yet that the commit is done.
   */
  private async hasLostFiles({ renames }: LakeIntent): Promise<boolean> {
    for (const { staged, name, path } of renames) {
      const places = [`${this.folders.staging}/${staged}`, `${this.folders.root}/${name}/${path}`];
      const sizes = await Promise.all(places.map((place) => this.files.sizeOf(place)));
      if (sizes.every((size) => size === undefined)) return true;
    }
    return false;
  }

  /** Undoes a commit that can not be carried out: superseded files and manifests are still as they were. */
  private async takeBack(intent: LakeIntent): Promise<undefined> {
    for (const { staged, name, path } of intent.renames) {
      for (const place of [`${this.folders.staging}/${staged}`, `${this.folders.root}/${name}/${path}`]) {
        if ((await this.files.sizeOf(place)) !== undefined) await this.files.remove(place);
      }
    }
    await this.files.remove(`${this.folders.meta}/${COMMIT_FILE}`);
    this.pending = undefined;
    return undefined;
  }

  private folderOf({ name, path }: { readonly name: string; readonly path: string }): string {
    return `${this.folders.root}/${name}/${path.slice(0, path.lastIndexOf('/'))}`;
  }

  /** Makes the folders of partitions, with every new level of them durable in its parent. */
  private async ensureFolders(folders: Iterable<string>): Promise<void> {
    const added = [...folders].filter((folder) => !this.knownFolders.has(folder));
    const parents = new Set<string>();
    for (const folder of added) {
      let parent = folder;
      while (parent !== this.folders.root) {
        parent = parent.slice(0, parent.lastIndexOf('/'));
        parents.add(parent);
      }
    }
    await forEachBounded(added, this.parallel, (folder) => this.files.makeDirectory(folder));
    await forEachBounded(parents, this.parallel, (parent) => this.files.syncDirectory(parent));
    for (const folder of added) this.knownFolders.add(folder);
  }
}
