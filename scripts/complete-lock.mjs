// Completes package-lock.json by hand: a registry that lacks the platform packages of other systems leaves them out of the lock,
// and `npm ci` then refuses it. Adds an entry (version, os, cpu, libc) for each optional dependency that is named but not
// listed. Usage: node scripts/complete-lock.mjs [--check]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../bin/pinned-node.mjs';

const OS_NAMES = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const CPU_NAMES = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

/** os, cpu and libc as they can be read from a platform package's name, like `binding-linux-arm64-musl`. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = OS_NAMES.find((each) => words.includes(each));
  const cpu = CPU_NAMES.find((each) => words.includes(each));
  const libc = words.some((word) => word.startsWith('musl'))
    ? 'musl'
    : words.some((word) => word.startsWith('gnu'))
      ? 'glibc'
      : undefined;
  return { ...(os && { os: [os] }), ...(cpu && { cpu: [cpu] }), ...(libc && os === 'linux' && { libc: [libc] }) };
}

/** Adds the missing entries in place and returns their paths. */
function completeLock(lock) {
  const added = [];
  for (const entry of Object.values(lock.packages)) {
    for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      if (lock.packages[path] !== undefined) continue;
      const dev = entry.dev ? { dev: true } : {};
      lock.packages[path] = { version: range.replace(/^[\^~]/, ''), ...dev, optional: true, ...platformOf(name) };
      added.push(path);
    }
  }
  return added;
}

const path = join(packageRoot, 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));
const added = completeLock(lock);
if (process.argv.includes('--check')) {
  for (const each of added) process.stderr.write(`missing from package-lock.json: ${each}\n`);
  process.exitCode = added.length === 0 ? 0 : 1;
} else {
  const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`);
  process.stdout.write(`${added.length} entries added\n`);
}
