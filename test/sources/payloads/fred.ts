import type { HistoryQuery } from '../../../src/sources/index.ts';
import { type AdapterCase, RECV_US } from '../adapter-case.ts';

const BODY =
  '{"realtime_start":"2026-04-20","realtime_end":"2026-04-20","observation_start":"2026-03-01","observation_end":"9999-12-31","units":"lin","output_type":1,"file_type":"json","order_by":"observation_date","sort_order":"asc","count":2,"offset":0,"limit":100000,"observations":[{"realtime_start":"2026-04-20","realtime_end":"2026-04-20","date":"2026-03-01","value":"4.0"},{"realtime_start":"2026-04-20","realtime_end":"2026-04-20","date":"2026-03-02","value":"."}]}';

/** The shape of the provider's documents and public fixtures. */
export const FRED_CASE: AdapterCase = {
  id: 'fred',
  wanted: ['DGS10', 'VIXCLS'],
  foreignSymbol: 'BRK.B',
  frames: [],
  answers: [
    {
      title: 'newest values: known from their receipt on; a point is no value',
      ask: (adapter) => adapter.poll?.query(['DGS10']) as HistoryQuery,
      path: '/fred/series/observations',
      query: { series_id: 'DGS10', file_type: 'json', sort_order: 'desc' },
      body: BODY,
      rows: [{ kind: 'trade', symbol: 'DGS10', tsUs: RECV_US, values: [4, 0], id: '2026-03-01=4.0' }],
    },
    {
      title: 'first releases: known from the end of their day of publication in St. Louis',
      ask: (adapter) => adapter.history?.trades?.({ symbol: 'DGS10', fromUs: 1.7e15, toUs: 1.8e15 }) as HistoryQuery,
      path: '/fred/series/observations',
      query: { output_type: 4, realtime_start: '1776-07-04', realtime_end: '9999-12-31' },
      body: BODY,
      rows: [{ kind: 'trade', symbol: 'DGS10', tsUs: 1_776_747_600_000_000, values: [4, 0], id: '2026-03-01=4.0' }],
    },
    {
      title: 'a second page',
      ask: (adapter) => adapter.history?.trades?.({ symbol: 'DGS10', fromUs: 1.7e15, toUs: 1.8e15 }) as HistoryQuery,
      path: '/fred/series/observations',
      body: BODY.replace('"count":2', '"count":100002').replace('"value":"4.0"', '"value":"."'),
      rows: [],
      next: { path: '/fred/series/observations', query: { offset: 100_000 } },
    },
  ],
  refusals: [
    {
      title: 'unknown series',
      answer: { status: 400, text: '{"error_code":400,"error_message":"Bad Request.  The series does not exist."}' },
      remedy: 'symbol',
    },
    {
      title: 'wrong key',
      answer: {
        status: 400,
        text: '{"error_code":400,"error_message":"Bad Request.  The value for variable api_key is not registered."}',
      },
      remedy: 'stop',
    },
    {
      title: 'wrong key, as XML',
      answer: {
        status: 400,
        text: '<?xml version="1.0"?><error code="400" message="Bad Request.  Variable api_key has not been set."/>',
      },
      remedy: 'stop',
    },
    {
      title: 'limit',
      answer: { status: 429, text: '{"error_code":429,"error_message":"Too Many Requests.  Exceeded Rate Limit"}' },
      remedy: 'wait',
    },
    {
      title: 'limit with status 200',
      answer: { text: '{"error_code":429,"error_message":"Too Many Requests.  Exceeded Rate Limit"}' },
      remedy: 'wait',
    },
    { title: 'locked', answer: { status: 423, text: '{}' }, remedy: 'retry', retryAfterMs: 10_000 },
    { title: 'server', answer: { status: 500, text: '' }, remedy: 'retry' },
  ],
};
