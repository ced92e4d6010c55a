import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/base/index.ts';
import { isSymbol } from '../../src/model/index.ts';
import { ADAPTERS, type Adapter, type AdapterDefinition } from '../../src/sources/index.ts';
import { type AdapterCase, answerOf, openCase, RECV_US, SECRET } from '../sources/adapter-case.ts';
import { ADAPTER_CASES } from '../sources/payloads/index.ts';
import { RowSink } from '../sources/row-sink.ts';

function caseOf(definition: AdapterDefinition): AdapterCase {
  const found = ADAPTER_CASES.find(({ id }) => id === definition.id);
  if (found === undefined) throw new Error(`test/sources/payloads/ has no documented payloads of ${definition.id}`);
  return found;
}

function open(definition: AdapterDefinition) {
  const { wanted, plan } = caseOf(definition);
  return openCase(definition, wanted, plan);
}

describe('every registered adapter', () => {
  it('has an id of its own', () => {
    const ids = ADAPTERS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  for (const definition of ADAPTERS) {
    describe(definition.id, () => {
      const documented = caseOf(definition);

      it('describes itself: instruments, limits, addresses, symbols both ways', () => {
        const { adapter, universe } = open(definition);
        expect(adapter.id).toBe(definition.id);
        expect(adapter.capabilities.tradeIds).toBe(definition.tradeIds);
        expect(adapter.capabilities.needsKey).toBe(definition.secrets.some(({ isRequired }) => isRequired));
        expect(adapter.instruments().map(({ symbol }) => symbol)).toEqual(documented.wanted);
        for (const { symbol } of adapter.instruments()) {
          expect(isSymbol(symbol)).toBe(true);
          expect(universe.find(symbol)).toBeDefined();
          expect(adapter.symbols.generic(adapter.symbols.provider(symbol))).toBe(symbol);
        }
        expect(adapter.limits.concurrent).toBeGreaterThan(0);
        expect(adapter.stream !== undefined || adapter.poll !== undefined).toBe(true);
        expect(adapter.restUrl).toMatch(/^https:\/\/[^/]+$/);
        if (adapter.stream !== undefined) expect(adapter.stream.url()).toMatch(/^wss:\/\//);
      });

      it('goes to the addresses of the configuration', () => {
        const urls = { stream_url: 'ws://127.0.0.1:9/', rest_url: 'http://127.0.0.1:9' };
        const { adapter } = openCase(definition, documented.wanted, documented.plan, urls);
        expect(adapter.restUrl).toBe('http://127.0.0.1:9');
        if (adapter.stream !== undefined) expect(adapter.stream.url()).toMatch(/^ws:\/\/127\.0\.0\.1:9\/[a-z]?/);
      });

      it('starts with its own symbols, refuses what it does not carry, and plans that it does not have', () => {
        expect(openCase(definition, []).adapter.instruments().length).toBeGreaterThan(0);
        expect(() => openCase(definition, [documented.foreignSymbol], documented.plan)).toThrow(UsageError);
        if (documented.plan === undefined) return;
        expect(() => openCase(definition, documented.wanted, 'no-such-plan')).toThrow(`sources.${definition.id}.plan`);
      });

      for (const { title, frame, rows = [], outcomes = [], rejects = [] } of documented.frames) {
        it(`reads a frame: ${title}`, () => {
          const { adapter, universe } = open(definition);
          const sink = new RowSink();
          adapter.stream?.session().receive(frame, RECV_US, sink);
          expect(sink.rows(universe)).toEqual(rows);
          expect(sink.outcomes).toEqual(outcomes);
          expect(sink.rejects).toEqual(rejects);
          expect(sink.receiveTimes().every((us) => us === RECV_US)).toBe(true);
        });
      }

      for (const each of documented.answers) {
        it(`reads an answer: ${each.title}`, () => {
          const { adapter, universe } = open(definition);
          const sink = new RowSink();
          const query = each.ask(adapter);
          expect(query.request.path).toBe(each.path);
          expect(query.request.query ?? {}).toMatchObject(each.query ?? {});
          const answer = answerOf(each.body);
          expect(adapter.refusal(answer)).toBeUndefined();
          const next = query.read(answer, each.recvUs ?? RECV_US, sink);
          expect(sink.rejects).toEqual([]);
          expect(sink.rows(universe)).toEqual(each.rows);
          expect(sink.outcomes).toEqual(each.outcomes ?? []);
          expect(next?.request.path).toBe(each.next?.path);
          expect(next?.request.query ?? {}).toMatchObject(each.next?.query ?? {});
        });
      }

      for (const { title, answer, remedy, retryAfterMs } of documented.refusals) {
        it(`reads a refusal: ${title}`, () => {
          const { adapter } = open(definition);
          const refusal = adapter.refusal(answerOf(answer.text, answer));
          expect(refusal?.remedy ?? 'none').toBe(remedy);
          expect(refusal?.retryAfterMs).toBe(retryAfterMs);
          expect(JSON.stringify(refusal ?? {})).not.toContain(SECRET);
        });
      }

      it('marks messages that hold a key, and names keys in no other', () => {
        const { adapter } = open(definition);
        const session = adapter.stream?.session();
        if (session === undefined) return;
        for (const message of session.authenticate()) expect(message.isSecret).toBe(true);
        const messages = [...session.subscribe(documented.wanted), ...session.unsubscribe(documented.wanted)];
        expect(session.subscribe(documented.wanted).length).toBeGreaterThan(0);
        for (const { data } of messages) expect(Buffer.from(data).toString('latin1')).not.toContain(SECRET);
      });

      it('never throws: damaged frames, any JSON, any bytes', () => {
        const { adapter } = open(definition);
        const { stream } = adapter;
        if (stream === undefined) return;
        const frames = documented.frames.map(({ frame }) => Buffer.from(frame));
        const damaged = fc
          .tuple(fc.constantFrom(...frames), fc.nat(), fc.nat(255))
          .map(([frame, at, value]) => Buffer.from(frame).fill(value, at % frame.length, (at % frame.length) + 1));
        const any = fc.oneof(damaged, fc.json().map(Buffer.from), fc.uint8Array().map(Buffer.from));
        fc.assert(
          fc.property(any, fc.boolean(), (bytes, isText) => {
            const sink = new RowSink();
            stream.session().receive(isText ? bytes.toString('utf8') : new Uint8Array(bytes), RECV_US, sink);
          }),
          { numRuns: 400 },
        );
      });

      it('never throws: damaged answers and answers that are no JSON', () => {
        const { adapter } = open(definition);
        for (const each of documented.answers) {
          const texts = fc.oneof(
            fc.nat(each.body.length).map((at) => each.body.slice(0, at)),
            fc.json(),
            fc.constant('<html></html>'),
          );
          fc.assert(
            fc.property(texts, (text) => {
              adapter.refusal(answerOf(text));
              const sink = new RowSink();
              each.ask(adapter).read(answerOf(text), RECV_US, sink);
            }),
            { numRuns: 60 },
          );
        }
      });

      it('refuses bar lengths that it does not list', () => {
        const { history } = open(definition).adapter;
        if (history?.bars === undefined) return;
        const range = { symbol: documented.wanted[0] as string, fromUs: 1e15, toUs: 1e15 + 1e6 };
        const { bars, barLengthsUs } = history as Required<NonNullable<Adapter['history']>>;
        for (const lengthUs of barLengthsUs) expect(bars.call(history, range, lengthUs).request.path).toMatch(/^\//);
        expect(() => bars.call(history, range, 7_000_001)).toThrow(UsageError);
      });
    });
  }
});
