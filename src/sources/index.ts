export { DEMO_SYMBOLS } from './demo/demo-market.ts';
export type { DemoOptions } from './demo/demo-source.ts';
export { DemoSource } from './demo/demo-source.ts';
export type { SourceDefinition, SourceSettings } from './registry.ts';
export { createSource, SOURCES } from './registry.ts';
export type { Source, SourceCapabilities, SourceFaults, SourcePorts, StreamStart } from './source.ts';
