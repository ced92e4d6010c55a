import { UsageError } from '../base/index.ts';
import type { ConnectionEnd } from './stream-connection.ts';

/** Attempts to reach a source for the first time before the program gives up. */
const FIRST_ATTEMPTS = 3;

/** What is known of a source when one of its connections has ended. */
export interface EndedSource {
  readonly id: string;
  readonly symbols: readonly string[];
  /** What to look at when the provider refuses the key. */
  readonly keyHint?: string | undefined;
  readonly wasEverLive: boolean;
  /** It is the only source: without it there is nothing. */
  readonly isAlone: boolean;
  /** Connections so far. */
  readonly attempt: number;
}

/** @throws UsageError where another attempt would be of no use. */
export function checkHope({ reason, remedy, systemCode = '' }: ConnectionEnd, source: EndedSource): void {
  const { id, symbols, keyHint = '', wasEverLive, isAlone, attempt } = source;
  if (remedy === 'stop') {
    const hint = keyHint === '' ? '' : `; ${keyHint}`;
    throw new UsageError(`source: ${id} refused the connection (${reason})${hint}.`, { subject: 'source' });
  }
  if (wasEverLive) return;
  if (remedy === 'symbols') {
    throw new UsageError(`symbols: ${id} serves none of ${symbols.join(', ')} (${reason}).`, { subject: 'symbols' });
  }
  if (/^CERT_|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(systemCode)) {
    throw new UsageError(
      `source: the certificate of ${id} can not be trusted (${systemCode}); with a certificate authority of your own set sources.${id}.ca_file.`,
      { subject: 'source' },
    );
  }
  if (systemCode !== '' && attempt >= FIRST_ATTEMPTS && isAlone) {
    throw new UsageError(
      `source: ${id} can not be reached (${systemCode}); see the network, or sources.${id}.stream_url.`,
      { subject: 'source' },
    );
  }
}
