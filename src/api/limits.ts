/**
 * Every bound of the API in one table; docs/api.md shows it with the policy at each bound. Each refusal is counted in
 * `tickloom_api_refused_total{limit}` or, for sockets, in the counters named there.
 */
export const API_LIMITS = {
  /** Bytes of a request body; beyond it 413. */
  bodyBytes: 65_536,
  /** Bytes of all request headers and the request line together; beyond it 431 and the connection is closed. */
  headerBytes: 16_384,
  /** Header lines of a request; beyond it 431. */
  headerCount: 100,
  /** Characters of a request target; beyond it 414. */
  urlChars: 4_096,
  /** Nesting of a JSON body or message; beyond it 400. */
  jsonDepth: 16,
  /** Rows of a page; beyond it 400. */
  pageRows: 10_000,

  /** Time for the headers of a request to arrive; then 408 and the connection is closed. */
  headersTimeoutMs: 10_000,
  /** Time for a whole request to arrive; then 408 and the connection is closed. */
  requestTimeoutMs: 15_000,
  /** Idle time of a connection between requests. */
  keepAliveMs: 10_000,
  /** Time without a byte in either direction while an answer is under way; then the connection is closed. */
  idleSocketMs: 15_000,

  /** TCP connections of one server; further ones are closed on arrival. */
  connections: 4_000,
  /** Requests of one address: what it may spend at once, and what it gets back each second. Beyond it 429. */
  requestBurst: 500,
  requestsPerSecond: 200,
  /** Addresses remembered by the rate limit; beyond it the longest unused is forgotten. */
  rememberedAddresses: 10_000,

  /** WebSocket connections of one address, and in all; beyond them 503. */
  socketsPerAddress: 200,
  sockets: 2_000,
  /** Bytes of a message from a client; beyond it the socket is closed with 1009. */
  messageBytes: 65_536,
  /** Frames that one message may be cut into; beyond it 1008. */
  messageFragments: 64,
  /** Pieces of a message that may wait for the rest; beyond it 1008. */
  messageChunks: 1_024,
  /** Time for a message to become complete; then 1008. */
  messageCompleteMs: 10_000,
  /** Messages and pings of one socket at once and per second; beyond it 1008. */
  messageBurst: 200,
  messagesPerSecond: 50,
  /** Channels and symbols of one message; beyond it an error event. */
  channelsPerMessage: 50,
  symbolsPerMessage: 1_000,
  timeframesPerMessage: 32,
  /** Different subscriptions of one socket, and symbols named in all of them; beyond it an error event. */
  subscriptions: 256,
  subscribedSymbols: 5_000,

  /** How often a socket that is silent is pinged, and when it is taken for dead. */
  pingEveryMs: 4_000,
  deadAfterMs: 10_000,
  /** Bytes handed to the operating system ahead of a client's reading; beyond it events wait in its backlog. */
  socketAheadBytes: 262_144,
  /** Bytes in a client's backlog. Conflatable events go first (oldest first); then the socket is closed with 1013. */
  clientBacklogBytes: 1_048_576,
  /** Time without progress of a client that has something to read; then 1013. */
  stalledMs: 8_000,
  /** Time that a closed socket may take to read its close frame. */
  closeGraceMs: 10_000,

  /** Events of the log looked at, and bytes sent, in one step of a replay (`since`). */
  replayChunkEvents: 2_000,
  replayChunkBytes: 131_072,
  /** Events of the log that one address may have looked through for `since`: at once, and back per second. */
  replayBurst: 2_000_000,
  replayPerSecond: 20_000,

  /** Longest pause between two writes to the sockets. */
  flushMs: 5,
  /** The pause, in lengths of the write before it: few clients get every event at once, many in fewer writes. */
  restPerFlush: 4,
  /** Events that may wait for a flush; at it they are written at once. */
  flushEvents: 8_192,
  /** Cadence of forming bars, and of the `stats` event. */
  formingMs: 100,
  statsMs: 1_000,
} as const;

export type ApiLimits = { readonly [Name in keyof typeof API_LIMITS]: number };
