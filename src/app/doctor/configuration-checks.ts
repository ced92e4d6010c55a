import { TickloomError } from '../../base/index.ts';
import { silentLog, systemClock } from '../../host/index.ts';
import { Universe } from '../../model/index.ts';
import { configurationNotes, SECRET_NAMES } from '../config/index.ts';
import { openSources } from '../live/open-group.ts';
import type { ActionContext } from '../options.ts';
import { type Check, type Finding, failed, ok, skipped, warning } from './check.ts';

const SECTION = 'configuration';
/** History that a source is asked for to see whether it answers. */
const PROBE_US = 10_000_000;

export const CONFIGURATION_CHECKS: readonly Check[] = [
  { id: 'configuration.keys', section: SECTION, look: keys },
  ...SECRET_NAMES.map(
    (name): Check => ({ id: `configuration.${name}`, section: SECTION, look: (context) => secret(context, name) }),
  ),
];

export const SOURCE_CHECKS: readonly Check[] = [
  { id: 'sources.symbols', section: 'sources', look: symbols },
  { id: 'sources.reachable', section: 'sources', look: reachable },
];

/** A configuration that is not valid never gets here: every command refuses it. */
function keys({ entries }: ActionContext): Finding {
  const set = entries.filter((entry) => entry.origin !== 'default').length;
  const notes = configurationNotes(entries);
  if (notes.length === 0) return ok(`valid; ${set} keys set, the rest default`);
  return warning(notes.join(' '), 'Leave them, or take them out: nothing depends on them yet.');
}

function secret({ secrets }: ActionContext, name: string): Finding {
  const found = secrets.get(name);
  if (found === undefined) return skipped(`${name} is not set; nothing that is configured needs it`);
  return ok(`${name} ${found} (${found.origin}${found.where === name ? '' : `, ${found.where}`})`);
}

function open(context: ActionContext) {
  return openSources(context, { universe: new Universe(), clock: systemClock, log: silentLog });
}

function symbols(context: ActionContext): Finding {
  const source = open(context);
  const carried = new Set(source.instruments().map((instrument) => instrument.symbol));
  const missing = context.config.symbols.filter((symbol) => !carried.has(symbol));
  if (missing.length === 0) return ok(`${source.id} carries all ${carried.size} symbols`);
  return failed(
    `${source.id} does not carry ${missing.join(', ')}`,
    'Take them out of symbols, or choose another source.',
  );
}

async function reachable(context: ActionContext): Promise<Finding> {
  if (!context.config.source.some((id) => id === 'demo')) return skipped('see each of the providers below');
  const source = open(context);
  const first = source.instruments()[0];
  if (first === undefined) return failed(`${source.id} has no symbols`, 'Set sources.demo.symbols.');
  const startedMs = systemClock.monotonicMs();
  const nowUs = systemClock.nowUs();
  let events = 0;
  try {
    for await (const batch of source.history(first.symbol, nowUs - PROBE_US, nowUs)) events += batch.length;
  } catch (error) {
    if (!(error instanceof TickloomError)) throw error;
    return failed(`${source.id}: ${error.message}`, 'See the message.');
  }
  const ms = Math.round(systemClock.monotonicMs() - startedMs);
  const need = source.capabilities.needsKey ? '' : ', needs no key';
  const quota = source.health?.().quota;
  const left = quota === undefined ? ', has no quota' : `, ${quota.left} of ${quota.limit} a ${quota.window} left`;
  return ok(`${source.id} answered in ${ms} ms (${events} events of ${first.symbol})${need}${left}`);
}
