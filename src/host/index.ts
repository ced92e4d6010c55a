export { CallWorker, serveCalls, siblingModule } from './call-worker.ts';
export type { Clock } from './clock.ts';
export { systemClock } from './clock.ts';
export type { FileSystem, OpenFile } from './file-system.ts';
export { nodeFileSystem, readFully, systemCode, writeFully } from './file-system.ts';
export type { Log, LogFields, LogLevel, LogOptions } from './log.ts';
export { createLog, silentLog } from './log.ts';
export type { Emit, LabelValues, MetricSamples } from './metrics.ts';
export { MAX_LABEL_SETS, Metrics, PlainHistogram } from './metrics.ts';
