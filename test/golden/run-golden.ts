import { firstDifference, GoldenInputError, goldenFiles, readGolden } from './golden-file.ts';
import { CHECKERS } from './registry.ts';

/** What a run over a folder of golden files gave. */
export interface GoldenReport {
  readonly passed: number;
  readonly failed: number;
  /** One line per failed case: file, case, first differing value. */
  readonly failures: readonly string[];
  /** Ids of files that no checker covers yet. */
  readonly uncovered: readonly string[];
  /** One line per covered file. */
  readonly covered: readonly string[];
}

/** Runs every golden file of a folder. @throws GoldenInputError when the folder cannot be used. */
export function runGolden(folder: string): GoldenReport {
  const failures: string[] = [];
  const uncovered: string[] = [];
  const covered: string[] = [];
  let passed = 0;
  for (const path of goldenFiles(folder)) {
    try {
      const file = readGolden(path);
      const checker = CHECKERS.get(file.id);
      if (checker === undefined) {
        uncovered.push(file.id);
        continue;
      }
      const before = failures.length;
      for (const golden of file.cases) {
        const problem = problemOf(() => {
          const actual = checker(golden, file);
          return typeof actual === 'string' ? actual : firstDifference(golden.expected, actual, file.tolerance);
        });
        if (problem === undefined) passed++;
        else failures.push(`${file.id} / ${golden.name}: ${problem}`);
      }
      covered.push(`${file.id}: ${file.cases.length - (failures.length - before)} of ${file.cases.length} cases`);
    } catch (error) {
      if (!(error instanceof GoldenInputError)) throw error;
      failures.push(error.message);
    }
  }
  return { passed, failed: failures.length, failures, uncovered, covered };
}

/** A case whose computation throws has failed with that message; the other cases still run. */
function problemOf(run: () => string | undefined): string | undefined {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
