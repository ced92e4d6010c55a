export type { CollectedSourceOptions } from './collected-source.ts';
export { CollectedSource } from './collected-source.ts';
export type { PolledSourceOptions } from './polled-source.ts';
export { PolledSource } from './polled-source.ts';
export type { SourceRequestsOptions } from './source-requests.ts';
export { SourceRequests } from './source-requests.ts';
