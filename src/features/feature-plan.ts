import { TickloomError } from '../base/index.ts';
import { type BarField, Graph, type GraphNode, type Indicator } from '../indicators/index.ts';
import { type FeatureSpec, parseFeature } from './feature-spec.ts';
import { type GraphLayout, layOut } from './graph-layout.ts';

/** What is known of a feature besides its values; the API and the documentation list it. */
export interface FeatureInfo {
  readonly name: string;
  readonly indicator: string;
  readonly parameters: { readonly [name: string]: number };
  readonly description: string;
  readonly unit: string;
  /** Closed bars until the first value. */
  readonly warmUpBars: number;
  readonly source: string;
  /** When it stays missing on a warm series. */
  readonly missingWhen: string | undefined;
}

/** A set of features compiled to one graph, in which equal parts of different features exist once. */
export interface FeaturePlan {
  readonly features: readonly FeatureInfo[];
  readonly names: readonly string[];
  /** Position of a feature in every vector; undefined when the plan does not have it. */
  indexOf(name: string): number | undefined;
  readonly inputs: readonly BarField[];
  /** Warm-up of the slowest feature. */
  readonly warmUpBars: number;
  readonly layout: GraphLayout;
}

/**
 * Compiles feature names, in the order in which vectors will have them.
 * @throws TickloomError `bad-feature` for an unknown, ill-parametrised or repeated name.
 */
export function compileFeatures(names: readonly string[]): FeaturePlan {
  const positions = new Map(names.map((name, index) => [name, index]));
  if (positions.size !== names.length || names.length === 0) {
    const repeated = names.find((name, index) => positions.get(name) !== index);
    const why = repeated === undefined ? 'at least one feature is needed' : `"${repeated}" is listed twice`;
    throw new TickloomError('bad-feature', `Features: ${why}.`, { subject: 'features' });
  }
  const specs = names.map(parseFeature);
  const graph = new Graph();
  const built = specs.map((spec) => build(graph, spec.indicator, spec.parameters));
  const nodes = built.map((outputs, i) => outputs[(specs[i] as FeatureSpec).outputIndex] as GraphNode);
  const warm = built.map((outputs) => Math.max(...outputs.map((node) => node.warm)));
  return {
    features: specs.map((spec, i) => describe(spec, (warm[i] as number) + 1)),
    names: [...names],
    indexOf: (name) => positions.get(name),
    inputs: [...new Set(specs.flatMap((spec) => spec.indicator.inputs))],
    warmUpBars: Math.max(...warm) + 1,
    layout: layOut(graph, nodes, warm),
  };
}

/** All outputs of an indicator begin on the same bar, as in TA-Lib. */
function build(graph: Graph, indicator: Indicator, parameters: readonly number[]): readonly GraphNode[] {
  const nodes = indicator.build(graph, parameters);
  if (nodes.length !== indicator.outputs.length) {
    throw new TickloomError(
      'invariant',
      `${indicator.name} builds ${nodes.length} of ${indicator.outputs.length} outputs.`,
    );
  }
  return nodes;
}

function describe(spec: FeatureSpec, warmUpBars: number): FeatureInfo {
  const { indicator, output } = spec;
  return {
    name: spec.name,
    indicator: indicator.name,
    parameters: Object.fromEntries(indicator.parameters.map((p, i) => [p.name, spec.parameters[i] as number])),
    description: output.description,
    unit: output.unit,
    warmUpBars,
    source: indicator.source,
    missingWhen: output.missingWhen,
  };
}
