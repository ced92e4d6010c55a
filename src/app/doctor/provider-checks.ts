import { TickloomError, UsageError } from '../../base/index.ts';
import { type HttpRequest, LiveSocket, type SocketEnd, silentLog, systemClock } from '../../host/index.ts';
import { Universe } from '../../model/index.ts';
import { ADAPTERS, type Adapter, type AdapterDefinition } from '../../sources/index.ts';
import type { OpenProvider } from '../bootstrap/history-job.ts';
import { refusedKeyHint } from '../live/key-hints.ts';
import { authorityOf, openProvider } from '../live/open-source.ts';
import type { ActionContext } from '../options.ts';
import { type Check, type Finding, failed, ok, skipped, warning } from './check.ts';
import { runningSource } from './running-source.ts';

const SECTION = 'sources';
const TIMEOUT_MS = 10_000;
/** Clocks further apart than this deserve a word; the `Date` header has whole seconds. */
const SKEW_MS = 2_000;

/** Per provider: configured, reachable by request and by stream, plan, what is left of it, clock, last event. */
export const PROVIDER_CHECKS: readonly Check[] = ADAPTERS.map((definition) => ({
  id: `sources.${definition.id}`,
  section: SECTION,
  look: (context: ActionContext) => look(context, definition),
}));

async function look(context: ActionContext, definition: AdapterDefinition): Promise<Finding> {
  const { id, secrets } = definition;
  const isChosen = (context.config.source as readonly string[]).includes(id);
  const missing = secrets.filter(({ name, isRequired }) => isRequired && !context.secrets.has(name));
  if (!isChosen) {
    const names = missing.map(({ name }) => name).join(' and ');
    return skipped(`${id}: not among source; ${missing.length === 0 ? 'could be' : `would need ${names}`}`);
  }
  try {
    return await ask(context, definition, openProvider(context, id, parts()));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return failed(`${id}: not configured: ${error.message}`, 'See the message.');
  }
}

function parts() {
  return { universe: new Universe(), clock: systemClock, log: silentLog };
}

async function ask(context: ActionContext, definition: AdapterDefinition, provider: OpenProvider): Promise<Finding> {
  const { adapter, requests } = provider;
  const { id } = definition;
  const running = await runningSource(context.config.api, id);
  const words: string[] = ['configured'];
  const startedMs = systemClock.monotonicMs();
  const startedUs = systemClock.nowUs();
  let date: string | undefined;
  try {
    const request = question(adapter);
    if (request !== undefined) date = (await requests.ask(request, AbortSignal.timeout(TIMEOUT_MS))).headers['date'];
    words.push(`answered in ${Math.round(systemClock.monotonicMs() - startedMs)} ms`);
    const end = running === undefined ? await handshake(context, adapter) : undefined;
    if (end !== undefined) return refusedStream(context, definition, end);
    if (running === undefined && adapter.stream !== undefined) words.push('stream open');
  } catch (error) {
    const isTimeout = error instanceof Error && error.name === 'TimeoutError';
    if (!isTimeout && !(error instanceof TickloomError)) throw error;
    const reason = isTimeout ? `no answer within ${TIMEOUT_MS / 1_000} s` : error.message;
    const hint = refusedKeyHint(definition, context.secrets);
    return failed(`${id}: ${reason}`, hint === '' ? `See the network, or sources.${id}.rest_url.` : `First ${hint}.`);
  } finally {
    await requests.close();
  }
  words.push(planWords(context, adapter), ...quotaWords(provider, running));
  const skewMs = skewOf(date, startedUs, systemClock.nowUs());
  if (skewMs !== undefined) words.push(skewWords(skewMs));
  words.push(
    running === undefined ? 'last event: no tickloom runs' : `last event ${running.last_event_at ?? 'none yet'}`,
  );
  const detail = `${id}: ${words.join('; ')}`;
  if (skewMs === undefined || Math.abs(skewMs) < SKEW_MS) return ok(detail);
  return warning(detail, 'Let the time service of this machine set its clock; if it is right, the provider’s is not.');
}

/** The cheapest thing that the provider answers, with the key where it wants one. */
function question(adapter: Adapter): HttpRequest | undefined {
  const first = adapter.symbols.all.slice(0, 1);
  const listing = adapter.listing?.(first)[0]?.request;
  if (listing !== undefined) return listing;
  if (adapter.poll !== undefined) return adapter.poll.query(first).request;
  const toUs = systemClock.nowUs();
  const lengthUs = adapter.history?.barLengthsUs[0];
  if (lengthUs === undefined) return undefined;
  return adapter.history?.bars?.({ symbol: first[0] ?? '', fromUs: toUs - 60 * lengthUs, toUs }, lengthUs).request;
}

/** Opens the stream and leaves at once; `undefined` when it opened, or where there is none. */
function handshake(context: ActionContext, { id, stream }: Adapter): Promise<SocketEnd | undefined> {
  if (stream === undefined) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = new LiveSocket(
      {
        url: stream.url(),
        handshakeTimeoutMs: TIMEOUT_MS,
        ...(stream.headers === undefined ? {} : { headers: stream.headers }),
        ...authorityOf(context, id),
      },
      {
        opened: () => {
          resolve(undefined);
          socket.cut('seen');
        },
        frame: () => undefined,
        ended: (end) => resolve(end),
      },
    );
  });
}

function refusedStream(context: ActionContext, definition: AdapterDefinition, end: SocketEnd): Finding {
  const hint = end.status === undefined ? '' : refusedKeyHint(definition, context.secrets);
  const fix = hint === '' ? `See the network, or sources.${definition.id}.stream_url.` : `First ${hint}.`;
  return failed(`${definition.id}: the stream can not be opened (${end.reason})`, fix);
}

function planWords({ config }: ActionContext, { id, limits }: Adapter): string {
  const settings = config.sources[id as Exclude<keyof typeof config.sources, 'demo'>];
  const windows = { second: limits.perSecond, minute: limits.perMinute, day: limits.perDay };
  const allowed = Object.entries(windows).flatMap(([name, limit]) =>
    limit === undefined ? [] : [`${limit} a ${name}`],
  );
  const plan = settings.plan === '' ? 'default plan' : `plan ${settings.plan}`;
  return `${plan} (${allowed.length === 0 ? 'no limit' : allowed.join(', ')})`;
}

function quotaWords({ requests }: OpenProvider, running: { readonly quota: unknown } | undefined): readonly string[] {
  const told = running?.quota as ReturnType<typeof requests.remaining> | null | undefined;
  const quota = told ?? requests.remaining();
  return quota === undefined ? [] : [`${quota.left} of ${quota.limit} a ${quota.window} left`];
}

/** How far the provider's clock is ahead, by the `Date` header against the middle of the question. */
function skewOf(date: string | undefined, fromUs: number, toUs: number): number | undefined {
  const theirMs = Date.parse(date ?? '');
  if (Number.isNaN(theirMs)) return undefined;
  return theirMs + 500 - (fromUs + toUs) / 2_000;
}

function skewWords(skewMs: number): string {
  const seconds = Math.abs(skewMs / 1_000).toFixed(1);
  return Math.abs(skewMs) < SKEW_MS ? 'clock right' : `its clock is ${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'}`;
}
