export { CallWorker, serveCalls, siblingModule } from './call-worker.ts';
export type { Clock } from './clock.ts';
export { systemClock } from './clock.ts';
export type { FileSystem, OpenFile } from './file-system.ts';
export { nodeFileSystem, readFully, systemCode, writeFully } from './file-system.ts';
