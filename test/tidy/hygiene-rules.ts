import { lineAt, type SourceFile, type Violation } from './source-files.ts';

/** The most lines a source file may have (the aim is 250), and a test file, whose cases stand side by side. */
const MAX_LINES = 350;
const MAX_TEST_LINES = 500;

/** Files that may be longer, each with its reason. */
const LONGER_FILES: Readonly<Record<string, string>> = {};

interface TextRule {
  readonly name: string;
  readonly appliesTo: (path: string) => boolean;
  /** `bareCode`: neither comments nor strings; `code`: strings too; `text`: everything. */
  readonly view: 'bareCode' | 'code' | 'text';
  readonly pattern: RegExp;
  readonly message: string;
  /** True where the hit, seen with the file, is allowed after all. */
  readonly excuse?: (file: SourceFile, offset: number) => boolean;
}

const isScript = (path: string): boolean => /\.(ts|mjs|js)$/.test(path);
const isServerSource = (path: string): boolean => path.startsWith('src/') && isScript(path);
const isOutsideHost = (path: string): boolean => isServerSource(path) && !path.startsWith('src/host/');
const isCore = (path: string): boolean =>
  /^src\/(base|model|calendar|quality|bars|indicators|features|patterns|regimes|learners|signals|strategies|engine)\//.test(
    path,
  );

/** A comment on the same line or the one above gives the reason. */
function hasReasonComment(file: SourceFile, offset: number): boolean {
  const line = lineAt(file.text, offset);
  const lines = file.text.split('\n');
  return /\/\/\s*\S{3}/.test(lines[line - 1] ?? '') || /^\s*\/\/\s*\S{3}/.test(lines[line - 2] ?? '');
}

const RULES: readonly TextRule[] = [
  {
    name: 'wall clock',
    appliesTo: isOutsideHost,
    view: 'bareCode',
    pattern:
      /\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\s*\()|\bDate\(\s*\)|\bperformance\.now\b|\bprocess\.hrtime\b|\bTemporal\.Now\b/g,
    message: 'reads the clock outside src/host/: take the time as an argument or through a port',
  },
  {
    name: 'timers of the host',
    appliesTo: isCore,
    view: 'bareCode',
    pattern: /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\b/g,
    message: 'uses a timer of the host in the core: register a logical timer',
  },
  {
    name: 'unseeded randomness',
    appliesTo: isOutsideHost,
    view: 'bareCode',
    pattern: /\bMath\.random\b/g,
    message: 'uses unseeded randomness outside src/host/: use the seeded generator of src/base/',
  },
  {
    name: 'environment',
    appliesTo: (path) => isOutsideHost(path) && !path.startsWith('src/app/'),
    view: 'bareCode',
    pattern: /\bprocess\.env\b/g,
    message: 'reads the environment outside src/host/ and src/app/: take it as configuration',
  },
  {
    name: 'console',
    appliesTo: isServerSource,
    view: 'bareCode',
    pattern: /\bconsole\.\w+/g,
    message: 'writes to the console: log through the port, or write a result to stdout in src/app/',
  },
  {
    name: 'default export',
    appliesTo: (path) => /^(src|test|bench|web)\/.*\.ts$/.test(path) && !/\.(config|d)\.ts$/.test(path),
    view: 'bareCode',
    pattern: /^\s*export default\b/gm,
    message: 'has a default export: name it',
  },
  {
    name: 'unfinished work',
    appliesTo: (path) => isScript(path) || /\.(css|html|md|ya?ml)$/.test(path),
    view: 'text',
    pattern: new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`, 'g'),
    message: 'marks unfinished work: finish it or file an issue',
  },
  {
    name: 'focused test',
    appliesTo: (path) => path.startsWith('test/'),
    view: 'bareCode',
    pattern: /\b(?:describe|test|it|suite)\.(?:only|todo)\b|\b(?:fdescribe|fit)\(/g,
    message: 'focuses on or postpones a test',
  },
  {
    name: 'skip without a reason',
    appliesTo: (path) => path.startsWith('test/'),
    view: 'bareCode',
    pattern: /\b(?:describe|test|it|suite)\.skip\b(?!If)|\b(?:xit|xtest|xdescribe)\(/g,
    message: 'skips a test without a comment that says why (or use skipIf with a condition)',
    excuse: hasReasonComment,
  },
  {
    name: 'silenced compiler',
    appliesTo: isScript,
    view: 'text',
    pattern: /@ts-(?:ignore|nocheck)\b/g,
    message: 'silences the compiler',
  },
  {
    name: 'machine path',
    appliesTo: () => true,
    view: 'text',
    pattern: /(?<![\w.\-$}*])\/(?:work|farm|root|home\/[a-z]\w*|Users\/[A-Za-z]\w*)\/[\w.]/g,
    message: 'names a path of some machine',
  },
  {
    name: 'registry host',
    appliesTo: () => true,
    view: 'text',
    pattern: /https?:\/\/(?:[\w-]+\.)*(?:registry|artifactory|nexus|verdaccio|npmjs)\.[\w./-]+/g,
    message: 'names the host of a package registry',
  },
];

/** Names of all text rules, so that the tests can show that each one catches something. */
export const hygieneRuleNames: readonly string[] = RULES.map((rule) => rule.name);

/** Violations of the rules that read text; `only` picks one rule by name. */
export function hygieneViolations(files: readonly SourceFile[], only?: string): Violation[] {
  const found: Violation[] = [];
  for (const rule of RULES) {
    if (only !== undefined && rule.name !== only) continue;
    for (const file of files) {
      if (!rule.appliesTo(file.path)) continue;
      for (const match of file[rule.view].matchAll(rule.pattern)) {
        if (rule.excuse?.(file, match.index)) continue;
        found.push({
          path: file.path,
          line: lineAt(file.text, match.index),
          message: `${rule.message} (${match[0].trim()})`,
        });
      }
    }
  }
  return found;
}

/** Source files that have outgrown one screenful of thought. */
export function lengthViolations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap(({ path, text }) => {
    if (!isScript(path) || LONGER_FILES[path] !== undefined) return [];
    const lines = text.split('\n').length - 1;
    const most = path.endsWith('.test.ts') ? MAX_TEST_LINES : MAX_LINES;
    return lines > most ? [{ path, message: `has ${lines} lines; split it (at most ${most}, aim for 250)` }] : [];
  });
}

/** Files named like a junk drawer. */
export function nameViolations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap(({ path }) => {
    if (!/^(src|test|bench|web|scripts)\/.*\.(ts|mjs)$/.test(path)) return [];
    // Runners of golden files bear the names of those files.
    if (path.startsWith('test/golden/cases/')) return [];
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (/^(utils?|helpers?|common|types?|misc|shared)\.(ts|mjs)$/.test(name))
      return [{ path, message: 'is named like a junk drawer' }];
    return /^[a-z0-9]+(-[a-z0-9]+)*((\.(property|contract))?\.test|\.config|\.d)?\.(ts|mjs)$/.test(name)
      ? []
      : [{ path, message: 'is not in kebab-case' }];
  });
}
