import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../base/index.ts';
import { CollectedSource, EodSource, eodLimits, PolledSource, SourceRequests } from '../../collector/index.ts';
import { readSettings } from '../../engine/index.ts';
import { type Clock, type HttpAnswer, type Log, systemCode } from '../../host/index.ts';
import { Universe } from '../../model/index.ts';
import { ADAPTERS, type Adapter, type AdapterDefinition, createSource, type Source } from '../../sources/index.ts';
import type { OpenProvider } from '../bootstrap/history-job.ts';
import { engineSettings } from '../engine-config.ts';
import type { ActionContext } from '../options.ts';
import { missingKeys, refusedKeyHint } from './key-hints.ts';

export interface SourceParts {
  readonly universe: Universe;
  readonly clock: Clock;
  readonly log: Log;
  /** Where receive times follow event times (`clock: source`): told of each that lies ahead. */
  readonly follow?: (tsEventUs: number) => void;
  /** Told of every provider that is asked for something, so that its history can be fetched within the same limits. */
  readonly onProvider?: (provider: OpenProvider) => void;
}

/** Looks whether a source could be opened, before anything else is. @throws UsageError as {@link openSource}. */
export function checkSource(context: ActionContext, id: string): void {
  const definition = ADAPTERS.find((candidate) => candidate.id === id);
  if (definition !== undefined) openAdapter(context, definition, new Universe());
}

/** Opens a source: the demo, or a provider through its adapter. @throws UsageError for a missing key. */
export function openSource(context: ActionContext, id: string, parts: SourceParts): Source {
  const { config } = context;
  const definition = ADAPTERS.find((candidate) => candidate.id === id);
  if (definition !== undefined) return openCollected(context, definition, parts);
  const { demo } = config.sources;
  const symbols = config.symbols.length === 0 ? demo.symbols : config.symbols;
  return createSource(id, parts, { demo: { rate: demo.rate, seed: demo.seed, symbols } });
}

/**
 * Opens a provider for requests alone. @throws UsageError for an unknown name, a missing key, a provider that can not
 * be asked.
 */
export function openProvider(
  context: ActionContext,
  id: string,
  parts: Pick<SourceParts, 'universe' | 'clock' | 'log'>,
): OpenProvider {
  const definition = ADAPTERS.find((candidate) => candidate.id === id);
  if (definition === undefined) {
    const known = ADAPTERS.map((each) => each.id).join(', ');
    throw new UsageError(`source: "${id}" has no history to fetch; allowed: ${known}.`, { subject: 'source' });
  }
  const adapter = limited(context, openAdapter(context, definition, parts.universe));
  const requests = openRequests(context, definition, adapter, parts);
  if (requests === undefined) throw new UsageError(`source: ${id} can not be asked.`, { subject: 'source' });
  return { adapter, definition, requests };
}

function openRequests(
  context: ActionContext,
  definition: AdapterDefinition,
  adapter: Adapter,
  { clock, log }: Pick<SourceParts, 'clock' | 'log'>,
): SourceRequests | undefined {
  const { config } = context;
  if (adapter.restUrl === undefined) return undefined;
  return new SourceRequests({
    adapter,
    definition,
    clock,
    log,
    poolSize: config.http.pool_size,
    limitsPath: join(config.data_dir, 'limits', `${adapter.id}.json`),
    ...authorityOf(context, definition.id),
  });
}

/** The certificate authority of a source, where the configuration names one. @throws UsageError when it can not be read. */
export function authorityOf(context: ActionContext, id: string): { readonly ca?: string } {
  const { ca_file: path } = settingsOf(context, id);
  return path === '' ? {} : { ca: readAuthority(path, id) };
}

function openCollected(context: ActionContext, definition: AdapterDefinition, parts: SourceParts): Source {
  const { config } = context;
  const { universe, clock, log, follow } = parts;
  const adapter = limited(context, openAdapter(context, definition, universe));
  const settings = settingsOf(context, definition.id);
  const trust = authorityOf(context, definition.id);
  const requests = openRequests(context, definition, adapter, parts);
  if (requests !== undefined) parts.onProvider?.({ adapter, definition, requests });
  const following = follow === undefined ? {} : { follow };
  if (isEndOfDay(context, definition.id)) {
    if (requests === undefined) throw new UsageError(`source: ${adapter.id} can not be asked.`, { subject: 'source' });
    const { calendars } = readSettings(engineSettings(config));
    return new EodSource({ adapter, requests, universe, calendars, clock, log, ...following });
  }
  if (adapter.stream === undefined) {
    if (requests === undefined)
      throw new UsageError(`source: ${adapter.id} can not be collected.`, { subject: 'source' });
    const intervalMs = config.collector.interval_s * 1_000;
    return new PolledSource({ adapter, requests, universe, clock, log, intervalMs, ...following });
  }
  return new CollectedSource({
    adapter,
    requests,
    universe,
    clock,
    log,
    keyHint: refusedKeyHint(definition, context.secrets),
    ...trust,
    ...following,
    ...(settings.silence_s === 0 ? {} : { silenceMs: settings.silence_s * 1_000 }),
  });
}

/** The adapter with the limits of its mode; its methods keep their own object. */
function limited(context: ActionContext, adapter: Adapter): Adapter {
  if (!isEndOfDay(context, adapter.id)) return adapter;
  return {
    ...adapter,
    limits: eodLimits(adapter.limits),
    instruments: () => adapter.instruments(),
    refusal: (answer: HttpAnswer) => adapter.refusal(answer),
  };
}

/**
 * Whether a provider is collected in end-of-day mode [ING-2]: where `mode` says so, and with `mode: auto` for alpaca
 * where ALPACA_REALTIME_ENABLED was set to false.
 */
export function isEndOfDay({ config, entries }: ActionContext, id: string): boolean {
  if (config.mode !== 'auto' || id !== 'alpaca') return config.mode === 'eod' && id !== 'demo';
  const entry = entries.find(({ path }) => path === 'sources.alpaca.realtime_enabled');
  return entry !== undefined && entry.origin !== 'default' && !config.sources.alpaca.realtime_enabled;
}

/** The adapter of a provider as the configuration wants it. @throws UsageError naming a key that is missing. */
function openAdapter(context: ActionContext, definition: AdapterDefinition, universe: Universe): Adapter {
  const { config, secrets } = context;
  const missing = missingKeys(definition, secrets);
  if (missing !== undefined) throw new UsageError(missing, { subject: 'source' });
  return definition.create({
    universe,
    wanted: config.symbols,
    settings: settingsOf(context, definition.id),
    secret: (name) => secrets.get(name)?.reveal(),
  });
}

function settingsOf({ config }: ActionContext, id: string) {
  const settings = config.sources[id as Exclude<keyof typeof config.sources, 'demo'>];
  if (settings === undefined) throw new UsageError(`sources.${id} has no settings.`, { subject: `sources.${id}` });
  return settings;
}

function readAuthority(path: string, id: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`sources.${id}.ca_file: ${path} cannot be read (${systemCode(error)}).`, {
      subject: `sources.${id}.ca_file`,
      cause: error,
    });
  }
}
