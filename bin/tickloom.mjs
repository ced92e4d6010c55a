#!/usr/bin/env node
// The launcher. It starts the sources when it lies in a clone and the compiled code when it lies in an installed package,
// always on the pinned Node where that is installed. Plain JavaScript, because an older Node may be the one that reads it.
// The program is the export `main(args: string[]): Promise<number>` of app/cli; the number is the exit code.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { nodeToSwitchTo, packageRoot } from './pinned-node.mjs';

/** Set for a program that was started by a launcher of an older Node. */
const STANDS_FOR_LAUNCHER = 'TICKLOOM_LAUNCHED';

const args = process.argv.slice(2);
const bootstrap = join(packageRoot, 'scripts', 'bootstrap.mjs');
const sources = join(packageRoot, 'src', 'app', 'cli.ts');
const compiled = join(packageRoot, 'dist', 'app', 'cli.js');

/** Replaces this process by the pinned Node, or, where the platform cannot, runs it as a child and stands aside. */
function continueOn(node) {
  const nodeArgs = [fileURLToPath(import.meta.url), ...args];
  if (typeof process.execve === 'function' && process.platform !== 'win32') {
    // Replacing the process leaves one pid to signal. The call announces itself as experimental on stderr; that is our affair.
    process.removeAllListeners('warning');
    process.execve(node, [node, ...nodeArgs], process.env);
  }
  const child = spawn(node, nodeArgs, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [STANDS_FOR_LAUNCHER]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`could not start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

/** A launcher that is killed outright can pass nothing on: the program it stands for ends with it, in the same way. */
function endWithLauncher() {
  if (process.env[STANDS_FOR_LAUNCHER] !== '1' || process.channel === undefined) return;
  delete process.env[STANDS_FOR_LAUNCHER];
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}

/** Keeps stripped and compiled sources for the next start, of this process and of its threads: saves half of the start. */
function keepCompiledSources() {
  const folder = process.env.NODE_COMPILE_CACHE ?? join(packageRoot, 'node_modules', '.cache', 'compiled');
  process.env.NODE_COMPILE_CACHE = folder;
  module.enableCompileCache?.(folder);
}

function fail(message) {
  process.stderr.write(`tickloom: ${message}\n`);
  process.exitCode = 1;
}

try {
  const isClone = existsSync(sources) && existsSync(bootstrap);
  if (isClone) {
    const { ensureReady } = await import(pathToFileURL(bootstrap).href);
    await ensureReady(args[0] === 'start' ? 'start' : 'run');
  }
  const node = nodeToSwitchTo();
  if (node !== undefined) {
    continueOn(node);
  } else {
    endWithLauncher();
    if (isClone) keepCompiledSources();
    const { main } = await import(pathToFileURL(isClone ? sources : compiled).href);
    process.exitCode = await main(args);
  }
} catch (error) {
  fail(error instanceof Error ? (error.isExpected ? error.message : (error.stack ?? error.message)) : String(error));
}
