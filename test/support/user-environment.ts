import { delimiter } from 'node:path';

/**
 * The environment as a user's shell would have it: without what npm and the test runner put into this process, so that a program
 * started with it finds the machine's own Node first.
 */
export function userEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !/^(npm_(?!config_cache|config_registry)|VITEST|NODE_ENV$|NODE_OPTIONS$|TICKLOOM_|INIT_CWD$)/.test(name),
  );
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), ...extra };
}
