import { UsageError } from '../base/index.ts';

/** A plan as it was chosen: its name and the options after it. */
export interface PlanChoice<Name extends string> {
  readonly name: Name;
  readonly options: ReadonlySet<string>;
}

/**
 * Reads `sources.NAME.plan`: a name, and options joined by `+` (`sip+msgpack`). Empty means the first name.
 * @throws UsageError naming the plans and options there are.
 */
export function choosePlan<Name extends string>(
  source: string,
  text: string,
  names: readonly Name[],
  options: readonly string[] = [],
): PlanChoice<Name> {
  const [first = '', ...rest] = text.trim().toLowerCase().split('+');
  const name = first === '' ? names[0] : names.find((candidate) => candidate === first);
  const unknown = rest.find((option) => !options.includes(option));
  if (name === undefined || unknown !== undefined) {
    const after = options.length === 0 ? '' : `, each with any of ${options.map((option) => `+${option}`).join(' ')}`;
    throw new UsageError(
      `sources.${source}.plan: found "${text.slice(0, 40)}", allowed: ${names.join(', ')}${after}.`,
      { subject: `sources.${source}.plan` },
    );
  }
  return { name, options: new Set(rest) };
}
