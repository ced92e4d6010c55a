import { TickloomError } from '../base/index.ts';
import { INDICATORS, type Indicator, type IndicatorOutput } from '../indicators/index.ts';

/** A feature name resolved: which output of which indicator, with which parameters. */
export interface FeatureSpec {
  readonly name: string;
  readonly indicator: Indicator;
  readonly output: IndicatorOutput;
  readonly outputIndex: number;
  readonly parameters: readonly number[];
}

const NAME = /^([a-z][a-z_]*?)((?:_\d+(?:\.\d+)?)*)$/;

const outputs = new Map<string, { indicator: Indicator; outputIndex: number }>();
for (const indicator of INDICATORS) {
  indicator.outputs.forEach((output, outputIndex) => {
    outputs.set(output.name, { indicator, outputIndex });
  });
}

/**
 * Reads a feature name: an output of an indicator, then its parameters in order, each after an underscore. Parameters
 * left out take their standard value, so `bb_upper` is `bb_upper_20_2`.
 * @throws TickloomError `bad-feature` naming what was found and what is allowed.
 */
export function parseFeature(name: string): FeatureSpec {
  const match = NAME.exec(name);
  const found = match === null ? undefined : outputs.get(match[1] as string);
  if (match === null || found === undefined) {
    throw badFeature(
      name,
      `no indicator puts out "${match?.[1] ?? name}"; known are ${[...outputs.keys()].join(', ')}`,
    );
  }
  const { indicator, outputIndex } = found;
  const given = (match[2] as string).split('_').slice(1).map(Number);
  const output = indicator.outputs[outputIndex] as IndicatorOutput;
  return { name, indicator, outputIndex, output, parameters: completeParameters(name, indicator, given) };
}

/**
 * The given parameters checked and completed with standard values.
 * @throws TickloomError `bad-feature`.
 */
export function completeParameters(name: string, indicator: Indicator, given: readonly number[]): number[] {
  const { parameters } = indicator;
  if (given.length > parameters.length) {
    const takes = parameters.length === 0 ? 'no parameters' : `only ${parameters.map((p) => p.name).join(', ')}`;
    throw badFeature(name, `${indicator.name} takes ${takes}, but ${given.length} were given`);
  }
  const complete = parameters.map((parameter, i) => {
    const value = given[i] ?? parameter.standard;
    const isWhole = !parameter.isInteger || Number.isInteger(value);
    if (!isWhole || !(value >= parameter.min && value <= parameter.max)) {
      const kind = parameter.isInteger ? 'a whole number' : 'a number';
      throw badFeature(
        name,
        `${parameter.name} is ${value}, allowed is ${kind} from ${parameter.min} to ${parameter.max}`,
      );
    }
    return value;
  });
  const conflict = indicator.conflict?.(complete);
  if (conflict !== undefined) throw badFeature(name, conflict);
  return complete;
}

function badFeature(name: string, why: string): TickloomError {
  return new TickloomError('bad-feature', `Feature "${name.slice(0, 60)}": ${why}.`, { subject: 'features' });
}
