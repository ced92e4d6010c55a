export { CountingSink } from './counting-sink.ts';
export { DigestSink } from './digest-sink.ts';
export { Engine } from './engine.ts';
export type { EngineParts, EngineSettings } from './engine-settings.ts';
export { DEFAULT_ENGINE_SETTINGS, readSettings } from './engine-settings.ts';
export { FinalBarsDigestSink } from './final-bars-digest-sink.ts';
export type { EngineSink } from './ports.ts';
export { fanOut } from './ports.ts';
