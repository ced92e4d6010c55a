import { isIP } from 'node:net';
import { UsageError } from '../../base/index.ts';

/** Whether an address or name stands for this machine only. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (name === 'localhost' || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}

/**
 * Refuses a bind beyond this machine unless it was allowed: the API has no keys yet, so whoever reaches it may read it.
 * @throws UsageError
 */
export function checkBindAddress(host: string, allowRemote: boolean): void {
  if (isLoopback(host) || allowRemote) return;
  throw new UsageError(
    `api.host is ${host}, which other machines can reach, and the API asks for no key. Use 127.0.0.1, or set ` +
      'api.allow_remote to true if the network in front of it is trusted.',
    { subject: 'api.host' },
  );
}
