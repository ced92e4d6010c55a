import type { FileSystem } from '../host/index.ts';
import type { LakeState } from './lake-commit.ts';
import { COMMIT_FILE, COVERED_FILE } from './lake-journal.ts';
import { checkManifest, type LakeManifest, readJson } from './lake-manifest.ts';

/**
 * What a lake holds by its manifests, without touching anything: a commit under way shows as before or after it.
 * @param directory the data directory
 * @throws TickloomError `lake-damaged` for a manifest that can not be read
 */
export async function readLakeState(files: FileSystem, directory: string): Promise<LakeState> {
  const manifests: LakeManifest[] = [];
  const missing: string[] = [];
  let coveredSeq = 0;
  for (const name of await files.list(`${directory}/lake-meta`)) {
    if (!name.endsWith('.json') || name === COMMIT_FILE) continue;
    const path = `${directory}/lake-meta/${name}`;
    const value = await readJson(files, path);
    if (name === COVERED_FILE) coveredSeq = Number((value as { seq?: unknown }).seq ?? 0);
    else manifests.push(checkManifest(value, path));
  }
  for (const manifest of manifests) {
    for (const part of manifest.parts) {
      const path = `${directory}/lake/${manifest.name}/${part.path}`;
      if ((await files.sizeOf(path)) === undefined) missing.push(path);
    }
  }
  return { manifests, coveredSeq, missing };
}
