// The system programs that some test suites need, and how to get them on Debian. Built-in modules only, Node >= 20.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const APT_TIMEOUT_MS = 600_000;

/** `present` answers without starting anything, so that a machine which has it all loses no time. */
const NEEDED = [
  {
    packages: ['chromium'],
    present: () => Boolean(process.env.TICKLOOM_CHROMIUM) || onPath('chromium', 'chromium-browser', 'google-chrome'),
    suites: 'the browser suites (test/browser)',
  },
  {
    packages: ['fonts-liberation'],
    present: () => process.platform !== 'linux' || existsSync('/usr/share/fonts/truetype'),
    suites: 'the screenshots of the browser suites (test/browser)',
  },
];

function onPath(...names) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.some((name) => folders.some((folder) => existsSync(join(folder, name))));
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', ['-qq', '-o', 'Dpkg::Use-Pty=0', ...args], {
    env,
    encoding: 'utf8',
    timeout: APT_TIMEOUT_MS,
  });
}

/**
 * Installs what is missing where this process may (root, with apt-get); elsewhere, or when apt fails, says exactly what is
 * missing and which suites will be skipped for it. Never fails: those suites report themselves as skipped.
 */
export function ensureDebianPackages(say) {
  const missing = NEEDED.filter((need) => !need.present());
  if (missing.length === 0) return;
  const packages = missing.flatMap((need) => need.packages);
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get');
  if (mayInstall) {
    say(`installing Debian packages: ${packages.join(' ')}`);
    apt(['update']);
    const result = apt(['install', '-y', '--no-install-recommends', ...packages]);
    if (result.status === 0) return;
    say(`apt-get failed: ${(result.stderr || String(result.error ?? '')).trim().split('\n').at(-1)}`);
  }
  for (const need of missing.filter((each) => !each.present())) {
    say(`missing: ${need.packages.join(' ')}; ${need.suites} will be skipped`);
  }
  say(`to get them: apt-get install ${packages.join(' ')} (as root), or the like on your system`);
}
