import type { Clock, Log } from '../host/index.ts';
import type { Universe } from '../model/index.ts';
import type { Adapter } from '../sources/index.ts';
import type { SourceRequests } from './source-requests.ts';

export interface CollectedSourceOptions {
  readonly adapter: Adapter;
  /** Requests for history; `undefined` where the source has no address for them. */
  readonly requests: SourceRequests | undefined;
  readonly universe: Universe;
  /** For waiting, timeouts and, with `wall`, receive times. */
  readonly clock: Clock;
  /** `source`: receive times follow the event times. Told of every event time that lies ahead. */
  readonly follow?: (tsEventUs: number) => void;
  readonly log: Log;
  readonly ca?: string;
  /** What to look at when the provider refuses the key. */
  readonly keyHint?: string;
  /** Silence that counts as mute, in place of the protocol's. */
  readonly silenceMs?: number;
}
