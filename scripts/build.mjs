// Builds what the package ships: dist/ (JavaScript and types of src/) and dist-web/ (the dashboard). Run with npm run build.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { packageRoot } from '../bin/pinned-node.mjs';

const dist = join(packageRoot, 'dist');

/** `new URL('./worker.ts', import.meta.url)`: the compiler rewrites imports but not these. */
const WORKER_URL = /(new URL\(\s*['"]\.{1,2}\/[^'"]+)\.ts(['"],\s*import\.meta\.url)/g;
/** Any other relative path to a .ts file would point at nothing in the package. */
const LEFT_OVER = /['"]\.{1,2}\/[^'"\n]+(?<!\.d)\.ts['"]/;

function run(title, script, args) {
  process.stderr.write(`[build] ${title}\n`);
  const result = spawnSync(process.execPath, [join(packageRoot, 'node_modules', script), ...args], {
    cwd: packageRoot,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) throw new Error(`${title} failed`);
}

/** `false` (with the reason on stderr) when a compiled file still names a TypeScript file. */
function fixWorkerUrls(path) {
  const text = readFileSync(path, 'utf8');
  const fixed = text.replace(WORKER_URL, '$1.js$2');
  if (fixed !== text) writeFileSync(path, fixed);
  const left = LEFT_OVER.exec(fixed);
  if (left === null) return true;
  process.stderr.write(
    `[build] ${relative(packageRoot, path)} still names ${left[0]}; use new URL('./x.ts', import.meta.url)\n`,
  );
  return false;
}

function copyAssets() {
  for (const path of globSync('src/**/*', { cwd: packageRoot, withFileTypes: true })) {
    if (!path.isFile() || path.name.endsWith('.ts')) continue;
    const from = join(path.parentPath, path.name);
    const to = join(dist, relative(join(packageRoot, 'src'), from));
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
}

try {
  rmSync(dist, { recursive: true, force: true });
  run('compiling src/ to dist/', 'typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
  const compiled = globSync('dist/**/*.js', { cwd: packageRoot }).map((path) => join(packageRoot, path));
  const fixed = compiled.map(fixWorkerUrls);
  if (fixed.includes(false)) throw new Error('compiled files name TypeScript files');
  copyAssets();
  if (existsSync(join(packageRoot, 'web', 'index.html'))) {
    run('building the dashboard to dist-web/', 'vite/bin/vite.js', ['build', 'web', '--logLevel', 'warn']);
  }
  process.stderr.write(`[build] done: ${compiled.length} modules\n`);
} catch (error) {
  process.stderr.write(`[build] ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
