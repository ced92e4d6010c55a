import Type, { type TSchema } from 'typebox';

/** No other keys than the named ones. */
export const closed = { additionalProperties: false } as const;

/** A section with its keys. */
export function section<T extends Record<string, TSchema>>(description: string, properties: T) {
  return Type.Object(properties, { ...closed, description });
}

/** A key that is true or false. */
export function flag(description: string, value: boolean) {
  return Type.Boolean({ description, default: value });
}

/** A whole number within bounds. */
export function integer(description: string, value: number, minimum: number, maximum: number) {
  return Type.Integer({ description, default: value, minimum, maximum });
}

/** A number within bounds. */
export function decimal(description: string, value: number, minimum: number, maximum: number) {
  return Type.Number({ description, default: value, minimum, maximum });
}

/** One of several words. */
export function choice<const T extends string[]>(description: string, value: T[number], values: readonly [...T]) {
  return Type.Enum(values, { description, default: value });
}
