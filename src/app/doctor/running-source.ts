import type { SourceList, SourceRow } from '../../api/index.ts';

const TIMEOUT_MS = 2_000;

/** What a tickloom that runs on the configured port says of a source; `undefined` where none runs, or lets nobody ask. */
export async function runningSource(
  { host, port }: { readonly host: string; readonly port: number },
  id: string,
): Promise<SourceRow | undefined> {
  if (port === 0) return undefined;
  try {
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/api/v1/sources`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) return undefined;
    return ((await answer.json()) as SourceList).sources.find((source) => source.id === id);
  } catch {
    // Whatever answers there, or not, is no tickloom.
    return undefined;
  }
}
