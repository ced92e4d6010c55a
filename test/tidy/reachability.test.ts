import { describe, expect, test } from 'vitest';
import { unimportedViolations, unregisteredViolations } from './reachability-rules.ts';
import { describeViolations, repositoryFiles, sourceFile } from './source-files.ts';

const files = (planted: Readonly<Record<string, string>>) =>
  Object.entries(planted).map(([path, text]) => sourceFile(path, text));

describe('reachability', () => {
  test('every file is reached by the program, the dashboard, a benchmark or a test', () => {
    expect(describeViolations(unimportedViolations(repositoryFiles()))).toEqual([]);
  });

  test('every implementation is registered', () => {
    expect(describeViolations(unregisteredViolations(repositoryFiles()))).toEqual([]);
  });

  test('catches a file that nothing imports, and one that only a test imports', () => {
    const planted = files({
      'src/app/cli.ts': "import { a } from '../base/index.ts';",
      'src/base/index.ts': "export { a } from './a.ts';",
      'src/base/a.ts': "const worker = new URL('./worker.ts', import.meta.url);",
      'src/base/worker.ts': "const sibling = siblingModule('lake-worker', import.meta.url);",
      'src/base/lake-worker.ts': '',
      'src/base/forgotten.ts': '',
      'src/base/tested.ts': '',
      'test/base/tested.test.ts': "import { t } from '../../src/base/tested.ts';\nimport { s } from '../support/s.ts';",
      'test/support/s.ts': '',
      'test/support/unused.ts': '',
      'web/index.html': '<script type="module" src="/main.ts"></script>',
      'web/main.ts': '',
    });
    expect(describeViolations(unimportedViolations(planted))).toEqual([
      'src/base/forgotten.ts is imported by nothing',
      'src/base/tested.ts is imported by tests only',
      'test/support/unused.ts is imported by no test',
    ]);
  });

  test('catches an implementation that is exported but not registered', () => {
    const planted = files({
      'src/indicators/registry.ts': "import { sma } from './sma.ts';",
      'src/indicators/sma.ts': "import { window } from './window.ts';",
      'src/indicators/window.ts': '',
      'src/indicators/ema.ts': '',
      'src/indicators/index.ts': "export * from './registry.ts';\nexport * from './ema.ts';",
    });
    expect(describeViolations(unregisteredViolations(planted))).toEqual([
      'src/indicators/ema.ts is not registered in src/indicators/registry.ts',
    ]);
    expect(unregisteredViolations(files({ 'src/stores/memory-store.ts': '' }))).toHaveLength(1);
  });
});
