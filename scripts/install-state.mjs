// Does node_modules hold what package-lock.json pins? Runs before anything is installed: built-in modules only, Node >= 20.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNodePath, runtimePackage } from '../bin/pinned-node.mjs';

const MARKER = join('node_modules', '.tickloom-lock-sha256');

function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** The first difference between what is locked and what npm says it installed, in words; undefined when there is none. */
function firstDifference(root) {
  const locked = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (installed === undefined) return 'nothing is installed yet';
  for (const [path, entry] of Object.entries(locked)) {
    if (path === '') continue;
    const found = installed[path];
    if (found === undefined) {
      // Packages of other systems stay out, and so may any other optional one.
      if (entry.optional || entry.devOptional) continue;
      return `${path} is missing`;
    }
    if (found.version !== entry.version) return `${path} is ${found.version}, locked is ${entry.version}`;
  }
  const { name, version } = runtimePackage();
  if (name !== undefined && pinnedNodePath() === undefined) return `the runtime ${name}@${version} is missing`;
  return undefined;
}

/**
 * Why node_modules does not match the lock file, in words; undefined when it matches.
 * A marker with the lock's hash makes the usual answer one hash; without it every entry is compared.
 */
export function installDifference(root) {
  const marker = join(root, MARKER);
  const hash = lockHash(root);
  if (existsSync(marker) && readFileSync(marker, 'utf8') === hash && pinnedNodePath() !== undefined) return undefined;
  const difference = firstDifference(root);
  if (difference === undefined) markInstalled(root);
  return difference;
}

/** Records that node_modules was installed from the present lock file. */
export function markInstalled(root) {
  try {
    writeFileSync(join(root, MARKER), lockHash(root));
  } catch (error) {
    // The marker only saves time: an installation that may be read but not written works without it.
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
  }
}
