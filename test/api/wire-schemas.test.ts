import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Static } from 'typebox';
import { describe, expect, test } from 'vitest';
import type {
  BarColumnsPage,
  BarPage,
  BarTuplePage,
  BreakRequest,
  BreakResult,
  FeatureSnapshot,
  GapList,
  HealthReport,
  MetricsDocument,
  ProbeReport,
  ProblemDocument,
  QuarantineList,
  RunStatus,
  SourceList,
  SymbolList,
} from '../../src/api/index.ts';
import * as examples from '../../src/api/routes/examples.ts';
import * as operationSchemas from '../../src/api/schemas/operation-schemas.ts';
import * as wireSchemas from '../../src/api/schemas/wire-schemas.ts';

const schemas = { ...wireSchemas, ...operationSchemas };

type Mutable<T> = T extends readonly (infer Item)[]
  ? number extends T['length']
    ? Mutable<Item>[]
    : { -readonly [Key in keyof T]: Mutable<T[Key]> }
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;
/** Both ways assignable, readonly aside. */
type Same<A, B> = [Mutable<A>] extends [Mutable<B>] ? ([Mutable<B>] extends [Mutable<A>] ? true : never) : never;

// The compiler's part of this test: each line fails to compile when a schema and the protocol's type part.
const compared: readonly true[] = [
  true satisfies Same<Static<typeof schemas.BarPageSchema>, BarPage>,
  true satisfies Same<Static<typeof schemas.BarTuplePageSchema>, BarTuplePage>,
  true satisfies Same<Static<typeof schemas.BarColumnsPageSchema>, BarColumnsPage>,
  true satisfies Same<Static<typeof schemas.FeatureSnapshotSchema>, FeatureSnapshot>,
  true satisfies Same<Static<typeof schemas.SymbolListSchema>, SymbolList>,
  true satisfies Same<Static<typeof schemas.RunStatusSchema>, RunStatus>,
  true satisfies Same<Static<typeof schemas.SourceListSchema>, SourceList>,
  true satisfies Same<Static<typeof schemas.GapListSchema>, GapList>,
  true satisfies Same<Static<typeof schemas.QuarantineListSchema>, QuarantineList>,
  true satisfies Same<Static<typeof schemas.BreakRequestSchema>, BreakRequest>,
  true satisfies Same<Static<typeof schemas.BreakResultSchema>, BreakResult>,
  true satisfies Same<Static<typeof schemas.HealthReportSchema>, HealthReport>,
  true satisfies Same<Static<typeof schemas.ProbeReportSchema>, ProbeReport>,
  true satisfies Same<Static<typeof schemas.MetricsDocumentSchema>, MetricsDocument>,
  true satisfies Same<Static<typeof schemas.ProblemSchema>, ProblemDocument>,
];

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);

describe('wire schemas', () => {
  test('describe the protocol types', () => {
    expect(compared).toHaveLength(15);
  });

  test.each([
    ['bars', schemas.BarPageSchema, examples.BAR_PAGE_EXAMPLE],
    ['features', schemas.FeatureSnapshotSchema, examples.FEATURES_EXAMPLE],
    ['gaps', schemas.GapListSchema, examples.GAPS_EXAMPLE],
    ['quarantine', schemas.QuarantineListSchema, examples.QUARANTINE_EXAMPLE],
    ['run', schemas.RunStatusSchema, examples.RUN_EXAMPLE],
  ])('the example of %s is valid', (_name, schema, example) => {
    const validate = ajv.compile(schema);
    expect(validate(example), JSON.stringify(validate.errors)).toBe(true);
  });
});
