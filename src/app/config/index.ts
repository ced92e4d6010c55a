export { configurationTable, exampleFile, jsonSchema } from './documents.ts';
export type { Origin } from './environment.ts';
export { MISNAMED_SECRETS, parseDotEnv, SECRET_NAMES, webhookSecretName } from './environment.ts';
export type { ConfigEntry, ConfigInputs, LoadedConfig } from './load.ts';
export { loadConfig } from './load.ts';
export { configurationNotes } from './notes.ts';
export type { TickloomConfig } from './schema.ts';
export { maskSecret, readSecrets, Secret } from './secrets.ts';
