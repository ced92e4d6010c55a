import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '..');
const MOST_SECONDS = 120;

/** A C program of the ceilings folder and how its build script compiles it. */
export interface CeilingProgram {
  readonly source: string;
  readonly flags: readonly string[];
  readonly libraries: readonly string[];
  /** `gcc` where nothing else is said. */
  readonly compiler?: 'gcc' | 'g++';
  /** Puts what the program reads into the folder that it runs in. */
  prepare?(folder: string): void;
  readonly edit?: (source: string) => string;
}

/** What one run of a ceiling printed: name to value. */
export type CeilingResults = ReadonlyMap<string, { readonly value: number; readonly extra: string }>;

export const CEILINGS = {
  indicators: {
    source: '01-indicators/hand.c',
    flags: ['-O3', '-march=native', '-fno-math-errno', '-fno-trapping-math'],
    libraries: ['-lm'],
  },
  bars: { source: '02-bars/hand.c', flags: ['-O3', '-march=native'], libraries: ['-lm'] },
  ingest: { source: '03-ingest/simd.cpp', flags: ['-O3', '-march=native'], libraries: ['-lsimdjson'], compiler: 'g++' },
  sqlite: {
    source: '06-storage/sqlite.c',
    flags: ['-O2'],
    libraries: ['-lsqlite3'],
    // The later variants differ by their key and take half a minute; the two with a row id are the ceiling.
    edit: (source: string) => source.replace('for(int k=0;k<4;k++)', 'for(int k=0;k<2;k++)'),
  },
  replay: {
    source: '07-replay/replay.c',
    flags: ['-O3', '-march=native', '-fno-math-errno', '-fno-trapping-math'],
    libraries: ['-lm'],
  },
} as const satisfies Readonly<Record<string, CeilingProgram>>;

/**
 * The C ceilings, built and run in a folder of their own: the one they come in may be read-only. Without a compiler or
 * the sources there are none, and {@link Ceilings.why} says so.
 */
export class Ceilings {
  readonly why: string | undefined;
  private readonly folder: string;
  private readonly sources: string;

  private constructor(sources: string, folder: string, why: string | undefined) {
    this.sources = sources;
    this.folder = folder;
    this.why = why;
  }

  static open(): Ceilings {
    const sources = resolve(REPOSITORY, process.env['TICKLOOM_CEILINGS'] ?? '../shared/ceilings');
    if (!existsSync(join(sources, 'lib', 'gen.mjs'))) {
      return new Ceilings(sources, '', `no ceilings in ${sources} (TICKLOOM_CEILINGS names the folder)`);
    }
    try {
      execFileSync('gcc', ['--version'], { stdio: 'ignore' });
    } catch {
      return new Ceilings(sources, '', 'no C compiler (gcc) is installed');
    }
    const folder = mkdtempSync(join(tmpdir(), 'tickloom-ceilings-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'data'));
    cpSync(join(sources, 'lib'), join(folder, 'lib'), { recursive: true });
    return new Ceilings(sources, folder, undefined);
  }

  /** Builds and runs a program once. @throws with what the compiler or the program said. */
  run({ source, flags, libraries, edit, compiler = 'gcc', prepare }: CeilingProgram): CeilingResults {
    const code = readFileSync(join(this.sources, source), 'utf8');
    const name = source.replaceAll(/\W/g, '-');
    const file = `${name}.${compiler === 'gcc' ? 'c' : 'cpp'}`;
    writeFileSync(join(this.folder, file), edit?.(code) ?? code);
    execFileSync(compiler, [...flags, '-o', name, file, ...libraries], { cwd: this.folder, stdio: 'pipe' });
    if (prepare === undefined) this.makeData();
    else prepare(this.folder);
    const options = { cwd: this.folder, encoding: 'utf8', timeout: MOST_SECONDS * 1_000, stdio: 'pipe' } as const;
    return parseResults(execFileSync(join(this.folder, name), options));
  }

  private makeData(): void {
    if (existsSync(join(this.folder, 'data', 'ticks.f64'))) return;
    execFileSync(process.execPath, [join(this.folder, 'lib', 'gen.mjs')], { cwd: this.folder, stdio: 'pipe' });
  }
}

function parseResults(text: string): CeilingResults {
  const results = new Map<string, { value: number; extra: string }>();
  for (const line of text.split('\n')) {
    const [tag, name, value, , extra] = line.split('\t');
    if (tag === 'RESULT' && name !== undefined) results.set(name, { value: Number(value), extra: extra ?? '' });
  }
  return results;
}

/** Runs a ceiling; `undefined` and a row in the report where that is not possible. */
export function ceilingResults(
  program: CeilingProgram,
  report: { skip(reason: string): void },
): CeilingResults | undefined {
  const ceilings = Ceilings.open();
  if (ceilings.why !== undefined) {
    report.skip(`${program.source} left out: ${ceilings.why}`);
    return undefined;
  }
  try {
    return ceilings.run(program);
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? error).trim();
    report.skip(`${program.source} left out: ${said.split('\n')[0]}`);
    return undefined;
  }
}
