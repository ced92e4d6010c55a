/** Channels of `/ws`. `predictions` is accepted and silent until there are models. */
export const CHANNELS = [
  'bars',
  'trades',
  'features',
  'stats',
  'gaps',
  'alerts',
  'pattern_matches',
  'regime_changes',
  'signals',
  'outcomes',
  'predictions',
] as const;
export type Channel = (typeof CHANNELS)[number];

/** Channels whose events are kept on disk: `since` reaches back over restarts there. */
export const KEPT_CHANNELS = [
  'alerts',
  'pattern_matches',
  'regime_changes',
  'signals',
  'outcomes',
] as const satisfies readonly Channel[];

/** Path of the WebSocket, on the API's port and on `dashboard.ws_port` where that is set. */
export const SOCKET_PATH = '/ws';

/** Path of the WebSocket for patterns: a `subscribe` without channels takes `pattern_matches`. */
export const PATTERN_SOCKET_PATH = '/patterns/realtime';

/** Path of the WebSocket for signals (GET gives the newest): it sends all signals until a `subscribe` narrows it. */
export const SIGNAL_SOCKET_PATH = '/ml/realtime/signals';
