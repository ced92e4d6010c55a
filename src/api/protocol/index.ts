export type * from './dashboard.ts';
