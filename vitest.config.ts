import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './test/support/closing-line-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    // Many suites wait for processes and clocks: three at once keep two cores busy.
    maxWorkers: 3,
    // For what hangs: a machine with ten times the work to do is slow, and right.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    passWithNoTests: false,
    allowOnly: false,
    reporters: ['default', new ClosingLineReporter()],
  },
});
