export type {
  ApiContext,
  BarQuery,
  FeatureDescription,
  FeatureVector,
  FormingBar,
  GapQuery,
  InstrumentFacts,
  PageQuery,
  QuarantineQuery,
  RunCounters,
  Slice,
  StoredBar,
} from './api-context.ts';
export type { ApiAddress, ApiServerOptions } from './api-server.ts';
export { ApiServer } from './api-server.ts';
export type { EventBody } from './feed/feed-event.ts';
export { gapRow } from './feed/gap-wire.ts';
export type { LiveFeed } from './feed/live-feed.ts';
export { StatementSink } from './feed/statement-sink.ts';
export type { ApiLimits } from './limits.ts';
export { API_LIMITS } from './limits.ts';
export type * from './protocol/index.ts';
export { SOCKET_PATH } from './protocol/index.ts';
export type { AlertsPort } from './routes/alert-routes.ts';
export { ServerEventSchema } from './schemas/event-schemas.ts';
