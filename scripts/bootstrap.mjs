// Makes a fresh clone ready: installs what the lock file pins, builds the dashboard, gets system packages for the tests.
// Started by npm before `start`, `test` and the rest, and by bin/tickloom.mjs. It runs before anything is installed, on
// whatever Node the machine has: plain JavaScript, built-in modules only, Node >= 20.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeToSwitchTo, packageRoot, pinnedNodePath, runtimePackage } from '../bin/pinned-node.mjs';
import { ensureDebianPackages } from './debian-packages.mjs';
import { installDifference, markInstalled } from './install-state.mjs';

const PURPOSES = ['start', 'test', 'check', 'run'];
const OLDEST_LAUNCHING_MAJOR = 20;

/** An error whose message is all that the user needs; no stack. */
class BootstrapError extends Error {
  isExpected = true;
}

/** Progress goes to stderr: stdout belongs to the command's result. */
function say(line) {
  process.stderr.write(`[setup] ${line}\n`);
}

function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}

function folderBytes(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += folderBytes(path);
    else if (entry.isFile()) bytes += statSync(path).size;
  }
  return bytes;
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`;
}

/** Runs npm as the npm that started us where there is one, so that its own settings and version are kept. */
function npm(args) {
  const npmCli = process.env.npm_execpath;
  const viaScript = npmCli?.endsWith('.js') && existsSync(npmCli);
  const command = viaScript ? process.execPath : process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(command, viaScript ? [npmCli, ...args] : args, {
    cwd: packageRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    shell: !viaScript && process.platform === 'win32',
    env: { ...process.env, NODE_ENV: '', npm_config_omit: '', npm_config_loglevel: 'error' },
  });
  if (result.error) throw new BootstrapError(`could not start npm: ${result.error.message}`);
  if (result.status !== 0) {
    throw new BootstrapError(
      `npm ${args[0]} failed (exit ${result.status}):\n${result.stderr.trim() || result.stdout.trim()}`,
    );
  }
}

function installPackages() {
  const difference = installDifference(packageRoot);
  if (difference === undefined) return;
  const startMs = Date.now();
  say(`installing packages: ${difference} (about 200 MB to download and 550 MB on disk the first time)`);
  npm(['install', '--no-save', '--no-audit', '--no-fund', '--include=dev', '--include=optional']);
  markInstalled(packageRoot);
  say(`packages installed: ${size(folderBytes(join(packageRoot, 'node_modules')))} in ${seconds(startMs)}`);
  const { name, version } = runtimePackage();
  const node = pinnedNodePath();
  if (node !== undefined) say(`runtime: Node ${version} (${name}, ${size(statSync(node).size)})`);
}

function newestMtimeMs(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  let newest = 0;
  for (const name of readdirSync(path)) {
    if (name !== 'node_modules') newest = Math.max(newest, newestMtimeMs(join(path, name)));
  }
  return newest;
}

function dashboardIsStale() {
  const built = join(packageRoot, 'dist-web', 'index.html');
  if (!existsSync(built)) return true;
  const sources = ['web', join('src', 'api', 'protocol')].map((part) => join(packageRoot, part)).filter(existsSync);
  return Math.max(...sources.map(newestMtimeMs)) > statSync(built).mtimeMs;
}

function buildDashboard() {
  if (!existsSync(join(packageRoot, 'web', 'index.html')) || !dashboardIsStale()) return;
  const startMs = Date.now();
  say('building the dashboard');
  const vite = join(packageRoot, 'node_modules', 'vite', 'bin', 'vite.js');
  const result = spawnSync(pinnedNodePath() ?? process.execPath, [vite, 'build', 'web', '--logLevel', 'error'], {
    cwd: packageRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    throw new BootstrapError(`the dashboard did not build:\n${result.stderr.trim() || result.stdout.trim()}`);
  }
  say(`dashboard built: ${size(folderBytes(join(packageRoot, 'dist-web')))} in ${seconds(startMs)}`);
}

/**
 * Makes the clone ready for a purpose: `run` (packages), `check` (the same), `start` (packages and dashboard), `test`
 * (packages, dashboard and system packages). Cheap when all is in place. Throws when the program cannot run.
 */
export function ensureReady(purpose) {
  if (!PURPOSES.includes(purpose))
    throw new BootstrapError(`unknown purpose ${purpose}; allowed: ${PURPOSES.join(', ')}`);
  if (Number(process.versions.node.split('.')[0]) < OLDEST_LAUNCHING_MAJOR) {
    throw new BootstrapError(
      `Node ${process.versions.node} is too old; start with Node ${OLDEST_LAUNCHING_MAJOR} or newer`,
    );
  }
  installPackages();
  nodeToSwitchTo();
  if (purpose === 'start') buildDashboard();
  if (purpose === 'test') {
    ensureDebianPackages(say);
    // A dashboard that does not build fails the browser suites; it must not keep the others from running.
    try {
      buildDashboard();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }
}

function purposeFromArgs(args) {
  const at = args.indexOf('--for');
  return at === -1 ? 'run' : String(args[at + 1]);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    ensureReady(purposeFromArgs(process.argv.slice(2)));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
