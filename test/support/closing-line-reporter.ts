import type { Reporter, TestModule } from 'vitest/node';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
  /** One line per skipped suite or test, so that a skip is never silent. */
  skippedNames: string[];
}

function skippedLine(module: TestModule, name: string, note: string | undefined): string {
  return `  skipped: ${module.relativeModuleId} > ${name}${note ? ` (${note})` : ''}`;
}

/** Counts every test once; a file that could not be loaded at all counts as one failure. */
function tally(modules: readonly TestModule[]): Tally {
  const result: Tally = { passed: 0, failed: 0, skipped: 0, skippedNames: [] };
  for (const module of modules) {
    let failedTests = 0;
    for (const test of module.children.allTests()) {
      const outcome = test.result();
      if (outcome.state === 'passed') result.passed += 1;
      else if (outcome.state === 'failed') failedTests += 1;
      else {
        result.skipped += 1;
        const note = outcome.state === 'skipped' ? outcome.note : 'did not finish';
        result.skippedNames.push(skippedLine(module, test.fullName, note));
      }
    }
    if (failedTests === 0 && !module.ok()) failedTests = 1;
    result.failed += failedTests;
  }
  return result;
}

/**
 * Prints what was skipped and why, then closes the run with one plain line, `N passed, N failed, N skipped`,
 * which scripts can read without parsing the pretty report.
 */
export class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = tally(modules);
    const failed = counts.failed + unhandledErrors.length;
    // The default reporter writes its summary in the same turn; the closing line has to come after it.
    process.once('exit', () => {
      const lines = [...counts.skippedNames, `${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`];
      process.stdout.write(`\n${lines.join('\n')}\n`);
    });
  }
}
