import { existsSync, readFileSync } from 'node:fs';
import { UsageError } from '../base/index.ts';
import {
  type ConfigInputs,
  type LoadedConfig,
  loadConfig,
  parseDotEnv,
  readSecrets,
  type Secret,
} from './config/index.ts';

/** The file that is read when no `--config` names one. */
const DEFAULT_FILE = 'tickloom.yaml';

export interface MachineConfig extends LoadedConfig {
  readonly secrets: ReadonlyMap<string, Secret>;
}

/**
 * Reads file, `.env` and environment of this process, puts them together with the flags and checks the result.
 * @throws UsageError naming every problem: where it stands, what was found and what is allowed.
 */
export async function readConfiguration(
  file: string | undefined,
  flags: ConfigInputs['flags'],
): Promise<MachineConfig> {
  const dotEnv = existsSync('.env') ? parseDotEnv(readText('.env')) : new Map<string, string>();
  const name = file ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  const loaded = loadConfig({
    flags,
    environment: process.env,
    dotEnv,
    ...(name === undefined ? {} : { file: { name, text: readText(name) } }),
  });
  const { checkMeaning } = await import('./config/check-meaning.ts');
  checkMeaning(loaded);
  return { ...loaded, secrets: readSecrets(process.env, dotEnv, readText) };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${path}: cannot be read (${code ?? 'unknown error'}).`, { subject: path, cause: error });
  }
}
