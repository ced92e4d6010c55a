export type {
  Adapter,
  AdapterDefinition,
  AdapterParts,
  AdapterSettings,
  ClientMessage,
  ControlOutcome,
  HistoryProtocol,
  HistoryQuery,
  HistoryRange,
  PlanLimits,
  PollProtocol,
  Refusal,
  RowOutlet,
  StreamProtocol,
  StreamSession,
  SymbolQuestion,
} from './adapter.ts';
export { DEMO_SYMBOLS } from './demo/demo-market.ts';
export type { DemoOptions } from './demo/demo-source.ts';
export { DemoSource } from './demo/demo-source.ts';
export type { SourceDefinition, SourceSettings } from './registry.ts';
export { ADAPTERS, createSource, SOURCES } from './registry.ts';
export type {
  Source,
  SourceCapabilities,
  SourceError,
  SourceFaults,
  SourceHealth,
  SourceMember,
  SourcePeers,
  SourcePorts,
  StreamStart,
} from './source.ts';
