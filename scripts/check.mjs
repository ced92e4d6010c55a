// Everything but the tests: lint and format, types of every project, tidiness, unused files and exports. Runs every step even
// when one fails, so that one run tells all. Run with npm run check.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../bin/pinned-node.mjs';

const bin = (...parts) => join(packageRoot, 'node_modules', ...parts);
const typeCheck = (project, sources) => ({
  name: `types of ${project}`,
  command: [bin('typescript', 'bin', 'tsc'), '-p', project, '--noEmit'],
  sources,
});

const STEPS = [
  { name: 'lint and format', command: [bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '.'] },
  typeCheck('tsconfig.core.json', 'src/{base,model}/**/*.ts'),
  typeCheck('tsconfig.json', 'src/**/*.ts'),
  typeCheck('web/tsconfig.json', 'web/**/*.ts'),
  typeCheck('test/browser/tsconfig.json', 'test/browser/**/*.ts'),
  { name: 'tidiness', command: [bin('vitest', 'vitest.mjs'), 'run', 'test/tidy', '--reporter=dot'] },
  { name: 'unused files, exports and dependencies', command: [bin('knip', 'bin', 'knip.js'), '--no-progress'] },
  { name: 'lock file complete', command: [join(packageRoot, 'scripts', 'complete-lock.mjs'), '--check'] },
];

const failed = [];
for (const step of STEPS) {
  if (step.sources !== undefined && globSync(step.sources, { cwd: packageRoot }).length === 0) {
    process.stdout.write(`\n== ${step.name}: nothing to check\n`);
    continue;
  }
  process.stdout.write(`\n== ${step.name}\n`);
  if (!existsSync(step.command[0])) throw new Error(`${step.command[0]} is not installed; run npm install`);
  const result = spawnSync(process.execPath, step.command, { cwd: packageRoot, stdio: 'inherit' });
  if (result.status !== 0) failed.push(step.name);
}
process.stdout.write(failed.length === 0 ? '\ncheck: all clean\n' : `\ncheck: failed: ${failed.join('; ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
