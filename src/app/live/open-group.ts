import { TickloomError, UsageError } from '../../base/index.ts';
import { type ConsensusSettings, SourceGroup } from '../../collector/index.ts';
import { Universe } from '../../model/index.ts';
import { ADAPTERS, type AdapterDefinition, type Source } from '../../sources/index.ts';
import type { TickloomConfig } from '../config/index.ts';
import type { ActionContext } from '../options.ts';
import { checkSource, openSource, type SourceParts } from './open-source.ts';

/** Ranks of polled sources where the configuration gives none. */
const USUAL_RANKS: Readonly<Record<string, number>> = { yahoo: 0, alphavantage: 1, twelvedata: 2 };
const LAST_RANK = 1_000;

/** Looks whether the configured sources could be opened. @throws UsageError as {@link openSources}. */
export function checkSources(context: ActionContext): void {
  for (const { id, context: own } of shares(context)) checkSource(own, id);
}

/**
 * Opens what is configured: one source, or several as a group in which each symbol is served by one at a time.
 * @throws UsageError for a missing key, a symbol that none of them carries, and the demo beside others.
 */
export function openSources(context: ActionContext, parts: SourceParts): Source {
  const each = shares(context);
  const [first] = each;
  if (first === undefined) throw new UsageError('source: none is given.', { subject: 'source' });
  if (each.length === 1) return openSource(first.context, first.id, parts);
  const { follow, ...rest } = parts;
  // Each follows its own events; the time of the run follows those that are served.
  const own = follow === undefined ? rest : { ...rest, follow: () => undefined };
  const sources = each.map((share) => openSource(share.context, share.id, own));
  const { failover } = context.config;
  return new SourceGroup({
    sources: byPriority(sources, context.config),
    universe: parts.universe,
    clock: parts.clock,
    log: parts.log,
    ...(follow === undefined ? {} : { follow }),
    failBackMs: failover.fail_back_after_s * 1_000,
    stallMs: failover.stall_s * 1_000,
    maxLagUs: failover.max_lag_s * 1e6,
    graceMs: failover.start_grace_s * 1_000,
    consensus: consensusOf(context.config),
  });
}

function consensusOf({ consensus }: TickloomConfig): ConsensusSettings | undefined {
  if (!consensus.enabled) return undefined;
  return {
    windowUs: consensus.window_s * 1e6,
    leastPrices: consensus.min_prices,
    toleranceBps: consensus.tolerance_bps,
    sigmas: consensus.sigmas,
    holdMs: consensus.hold_ms,
    divergenceBps: consensus.divergence_bps,
    divergenceMs: consensus.divergence_s * 1_000,
  };
}

/** Streams before polled sources; among each the lower rank first, and equal ranks in the order of the list. */
function byPriority(sources: readonly Source[], { sources: settings }: TickloomConfig): readonly Source[] {
  const rankOf = ({ id, isPolled }: Source): number => {
    const { priority = -1 } = (settings as Readonly<Record<string, { readonly priority?: number }>>)[id] ?? {};
    if (priority >= 0) return priority;
    return isPolled === true ? (USUAL_RANKS[id] ?? LAST_RANK) : LAST_RANK;
  };
  return [...sources].sort(
    (a, b) => Number(a.isPolled ?? false) - Number(b.isPolled ?? false) || rankOf(a) - rankOf(b),
  );
}

/** Each source with the symbols that it carries. */
function shares(context: ActionContext): readonly { readonly id: string; readonly context: ActionContext }[] {
  const { config } = context;
  const ids = config.source;
  if (ids.length === 1) return [{ id: ids[0] as string, context }];
  const repeated = ids.find((id, at) => ids.indexOf(id) !== at);
  if (repeated !== undefined) throw new UsageError(`source: ${repeated} is there twice.`, { subject: 'source' });
  const definitions = ids.map((id) => ADAPTERS.find((candidate) => candidate.id === id));
  if (definitions.includes(undefined)) {
    throw new UsageError('source: the demo market is nobody else’s: it runs alone.', { subject: 'source' });
  }
  const carried = definitions.map((definition) => {
    return config.symbols.filter((symbol) => carries(context, definition as AdapterDefinition, symbol));
  });
  const nowhere = config.symbols.filter((symbol) => !carried.some((symbols) => symbols.includes(symbol)));
  if (nowhere.length > 0) {
    const names = nowhere.map((symbol) => `"${symbol}"`).join(', ');
    throw new UsageError(`symbols: none of ${ids.join(', ')} carries ${names}.`, { subject: 'symbols' });
  }
  return ids.map((id, at) => {
    const symbols = carried[at] as string[];
    if (config.symbols.length > 0 && symbols.length === 0) {
      throw new UsageError(`source: ${id} carries none of the symbols.`, { subject: 'source' });
    }
    return { id, context: { ...context, config: { ...config, symbols } } };
  });
}

function carries(context: ActionContext, definition: AdapterDefinition, symbol: string): boolean {
  const settings = (context.config.sources as Readonly<Record<string, unknown>>)[definition.id];
  try {
    definition.create({
      universe: new Universe(),
      wanted: [symbol],
      settings: settings as Parameters<AdapterDefinition['create']>[0]['settings'],
      secret: (name) => context.secrets.get(name)?.reveal() ?? 'none',
    });
    return true;
  } catch (error) {
    if (error instanceof TickloomError && error.subject === 'symbols') return false;
    throw error;
  }
}
