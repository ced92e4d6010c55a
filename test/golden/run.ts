import { GoldenInputError } from './golden-file.ts';
import { runGolden } from './run-golden.ts';

/** `npm run golden -- DIR`: status 0 all passed, 1 something failed, 2 the folder cannot be used. */
function main(args: readonly string[]): number {
  const [folder, ...rest] = args;
  if (folder === undefined || rest.length > 0) {
    process.stderr.write('Usage: npm run golden -- DIR, with DIR a folder of golden *.json files.\n');
    return 2;
  }
  try {
    const report = runGolden(folder);
    const lines = [
      ...report.covered,
      ...report.uncovered.map((id) => `not covered yet: ${id}`),
      ...report.failures.map((failure) => `FAILED ${failure}`),
      `${report.passed} passed, ${report.failed} failed`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
    return report.failed > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof GoldenInputError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

process.exitCode = main(process.argv.slice(2));
