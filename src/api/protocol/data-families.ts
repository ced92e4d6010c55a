/** Asset class → the part of `/api/v1/data/{family}/{symbol}` where its bars are. */
export const DATA_FAMILIES = {
  equity: 'stocks',
  crypto: 'crypto',
  forex: 'forex',
  index: 'indices',
  macro: 'macro',
  future: 'futures',
} as const;
export type DataFamily = (typeof DATA_FAMILIES)[keyof typeof DATA_FAMILIES];
