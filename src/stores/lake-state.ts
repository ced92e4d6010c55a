import type { FileSystem } from '../host/index.ts';
import { forEachBounded } from './bounded-tasks.ts';
import { type LakeState, PARALLEL_FILES } from './lake-commit.ts';
import { COMMIT_FILE, COVERED_FILE } from './lake-journal.ts';
import { checkManifest, type LakeManifest, readJson } from './lake-manifest.ts';

/**
 * What a lake holds by its manifests, without touching anything: a commit under way shows as before or after it.
 * @param directory the data directory
 * @throws TickloomError `lake-damaged` for a manifest that can not be read
 */
export async function readLakeState(files: FileSystem, directory: string): Promise<LakeState> {
  const manifests: LakeManifest[] = [];
  // A commit renews this number last, so read first it is never more than the manifests hold.
  const covered = await readJson(files, `${directory}/lake-meta/${COVERED_FILE}`);
  const coveredSeq = Number((covered as { seq?: unknown } | undefined)?.seq ?? 0);
  for (const name of await files.list(`${directory}/lake-meta`)) {
    if (!name.endsWith('.json') || name === COMMIT_FILE || name === COVERED_FILE) continue;
    const path = `${directory}/lake-meta/${name}`;
    manifests.push(checkManifest(await readJson(files, path), path));
  }
  return { manifests, coveredSeq, missing: await missingParts(files, `${directory}/lake`, manifests) };
}

/** Paths of the files that the manifests name and that are gone, sorted. */
export async function missingParts(
  files: FileSystem,
  root: string,
  manifests: Iterable<LakeManifest>,
): Promise<string[]> {
  const missing: string[] = [];
  for (const { name, parts } of manifests) {
    await forEachBounded(parts, PARALLEL_FILES, async (part) => {
      const path = `${root}/${name}/${part.path}`;
      if ((await files.sizeOf(path)) === undefined) missing.push(path);
    });
  }
  return missing.sort();
}
