import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scanSource } from './scan-source.ts';

/** One text file of the repository, with the views that the rules read. */
export interface SourceFile {
  /** Path from the repository root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The text with comments blanked out (line numbers kept). */
  readonly code: string;
  /** The text with comments and the insides of strings blanked out (line numbers kept). */
  readonly bareCode: string;
}

/** What a rule found, with a line (1-based) where there is one. */
export interface Violation {
  readonly path: string;
  readonly line?: number;
  readonly message: string;
}

export const repositoryRoot: string = fileURLToPath(new URL('../..', import.meta.url));

const BINARY = /\.(png|jpg|ico|gz|parquet|woff2?|tgz|zip|zst|bin|db|sqlite)$/;
const NOT_OURS = new Set(['node_modules', 'dist', 'dist-web', '.git', 'coverage']);

function walk(folder: string, prefix: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = prefix + entry.name;
    return entry.isDirectory() ? walk(join(folder, entry.name), `${path}/`) : [path];
  });
}

function listPaths(): string[] {
  if (!existsSync(join(repositoryRoot, '.git'))) return walk(repositoryRoot, '');
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', args, { cwd: repositoryRoot, encoding: 'utf8', maxBuffer: 64e6 });
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(repositoryRoot, path)));
}

/** Makes a source file from its text; rules' own tests plant violations with it. */
export function sourceFile(path: string, text: string): SourceFile {
  const isScript = /\.(ts|mjs|js)$/.test(path);
  const { code, bareCode } = isScript ? scanSource(text) : { code: text, bareCode: text };
  return { path, text, code, bareCode };
}

let cached: readonly SourceFile[] | undefined;

/** Every text file that belongs to the repository: tracked, or new and not ignored. Read once per test process. */
export function repositoryFiles(): readonly SourceFile[] {
  cached ??= listPaths()
    .filter((path) => !BINARY.test(path))
    .map((path) => sourceFile(path, readFileSync(join(repositoryRoot, path), 'utf8')));
  return cached;
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** One line per violation, as an editor can follow it; the empty list means clean. */
export function describeViolations(violations: readonly Violation[]): string[] {
  return violations.map(({ path, line, message }) => `${path}${line === undefined ? '' : `:${line}`} ${message}`);
}
