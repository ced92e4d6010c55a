export type { Origin } from './environment.ts';
export { parseDotEnv, SECRET_NAMES } from './environment.ts';
export type { ConfigEntry, ConfigInputs, LoadedConfig } from './load.ts';
export { loadConfig } from './load.ts';
export type { TickloomConfig } from './schema.ts';
export { ConfigSchema } from './schema.ts';
export { maskSecret, readSecrets } from './secrets.ts';
export { nearest } from './suggest.ts';
