import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from './source-files.ts';

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly license?: string;
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

interface Manifest extends LockEntry {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly bin: Readonly<Record<string, string>>;
}

const PERMISSIVE = /^\(?(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|Unlicense|CC0-1\.0|Python-2\.0)\b/;

/** Entries that carry an address, lack what another entry names, or want to run a script at install. */
function lockViolations(lock: Lock): string[] {
  const found: string[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.resolved !== undefined) found.push(`${path} has a resolved address`);
    if (entry.hasInstallScript) found.push(`${path} has an install script`);
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (lock.packages[`node_modules/${name}`] === undefined) found.push(`${name} is not listed (npm run lock)`);
    }
    if (path !== '' && !entry.dev && entry.license !== undefined && !PERMISSIVE.test(entry.license)) {
      found.push(`${path} has the licence ${entry.license}`);
    }
  }
  return found;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(join(repositoryRoot, path), 'utf8')) as T;

/** The source file that a compiled target of `exports` comes from. */
function sourceOf(target: string): string {
  return target.replace(/^\.\/dist\//, './src/').replace(/(\.d\.ts|\.js)$/, '.ts');
}

describe('package', () => {
  const manifest = readJson<Manifest>('package.json');
  const lock = readJson<Lock>('package-lock.json');

  test('the lock file names no host, is complete for every system, runs no install script, and ships permissive licences', () => {
    expect(lockViolations(lock)).toEqual([]);
  });

  test('catches a resolved address, a missing platform package, an install script and a licence', () => {
    const planted: Lock = {
      packages: {
        'node_modules/a': { resolved: 'https://example.org/a.tgz', optionalDependencies: { 'a-linux-x64': '1.0.0' } },
        'node_modules/b': { hasInstallScript: true, license: 'GPL-3.0' },
      },
    };
    expect(lockViolations(planted)).toHaveLength(4);
  });

  test('the lock file belongs to package.json', () => {
    const root = lock.packages[''];
    expect(root?.dependencies).toEqual(manifest.dependencies);
    expect(root?.devDependencies).toEqual(manifest.devDependencies);
    expect(root?.optionalDependencies).toEqual(manifest.optionalDependencies);
  });

  test('every runtime package is pinned at one exact version', () => {
    const versions = Object.values(manifest.optionalDependencies ?? {});
    expect(new Set(versions).size).toBe(1);
    expect(versions[0]).toMatch(/^26\.\d+\.\d+$/);
  });

  test('exports and bin name files that exist', () => {
    const targets = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    for (const target of [...targets, ...Object.values(manifest.bin)]) {
      expect(existsSync(join(repositoryRoot, sourceOf(target))), target).toBe(true);
    }
  });
});
