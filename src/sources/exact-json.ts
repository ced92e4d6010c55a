type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;

/**
 * Reads JSON without losing digits: integers beyond 2^53 come as text. Several times slower than JSON.parse, so where
 * such integers are rare it is used for a second reading only.
 * @throws SyntaxError
 */
export function parseExact(text: string): unknown {
  return parseWithSource(text, (_key, value, context) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? (context.source ?? value)
      : value,
  );
}
