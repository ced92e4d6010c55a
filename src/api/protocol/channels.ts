/** Channels of `/ws`. Later channels of the contract answer `unknown_channel` until they exist. */
export const CHANNELS = ['bars', 'trades', 'features', 'stats', 'gaps', 'alerts'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Path of the WebSocket, on the API's port and on `dashboard.ws_port` where that is set. */
export const SOCKET_PATH = '/ws';
