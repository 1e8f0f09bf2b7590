/** One trace of a call, whichever way it goes: sent over OTLP to a collector of the test's own. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
// @ts-expect-error JavaScript without declarations.
import { connectHttp } from '../../hosts/node-red/lib/http.js';
import type { Tracing } from '../../runtime/core/trace.ts';
import { setTracing } from '../../runtime/core/trace.ts';
import { eventually } from '../support/eventually.ts';
import { event, joinIdentifying } from '../support/identify.ts';
import { startNats } from '../support/nats.ts';
import { postJson } from '../support/post-json.ts';
import { soon } from '../support/soon.ts';
import { tempDir } from '../support/temp-dir.ts';
import { makePlace } from './transports/cli/kvflow-process.ts';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  status?: { code?: number };
  attributes: { key: string; value: object }[];
}

interface Metric {
  name: string;
  sum?: { isMonotonic: boolean; dataPoints: Point[] };
  gauge?: { dataPoints: Point[] };
  histogram?: { dataPoints: Point[] };
}

interface Point {
  attributes: { key: string; value: { stringValue: string } }[];
  asDouble?: number;
  count?: number;
  explicitBounds?: number[];
  bucketCounts?: number[];
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

afterEach(() => setTracing(undefined));

async function startCollector() {
  const spans: Span[] = [];
  /** By name, as they were sent last. */
  const metrics = new Map<string, Metric>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => (body += chunk));
    request.on('end', () => {
      const { resourceSpans = [], resourceMetrics = [] } = JSON.parse(body) as {
        resourceSpans?: { scopeSpans: { spans: Span[] }[] }[];
        resourceMetrics?: { scopeMetrics: { metrics: Metric[] }[] }[];
      };
      for (const metric of resourceMetrics.flatMap(each => each.scopeMetrics.flatMap(one => one.metrics)))
        metrics.set(metric.name, metric);
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(each => each.spans)));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, spans, metrics, [Symbol.asyncDispose]: async () => void server.close() };
}

test('telemetry - a batch of a script with $kv and of events is one trace down to the warehouse', async () => {
  await using collector = await startCollector();
  await using place = await makePlace();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
  };
  const kvflow = await place.start({ env });
  const script = "await $kv.set('count', ((await $kv.get('count')) ?? 0) + 1); return $";
  const page = { event_type: 'page', user: { anonymous_id: 'v' } };
  const calls = [
    { function: 'transform', input: { script, event: { a: 1 } } },
    { function: 'identify', input: { destination: 'embedded', events: [{ event_id: '1', ...page }] } },
    {
      function: 'identify',
      input: {
        destination: 'embedded',
        events: [{ event_id: '2', ...page, user: { anonymous_id: 'v', id: 'u', email: 'a@b.example' } }],
      },
    },
    { function: 'kv-key-get', input: { bucket: 'nowhere', key: 'a' } },
  ];
  for (const call of calls) {
    const response = await postJson(`${kvflow.url}/invocations`, { items: [call] }, { traceparent: PARENT });
    expect(response.headers.get('traceparent')).toMatch(new RegExp(`^00-${TRACE}-[\\da-f]{16}-01$`));
    expect(response.status).toBe(200);
  }
  const wanted = [
    'POST /invocations',
    'transform',
    'run scripts',
    'nats publish',
    'identify',
    'load sqlite',
    'amend sqlite',
    'kv-key-get',
  ];
  const all = await eventually(() => {
    const spans = collector.spans.filter(({ traceId }) => traceId === TRACE);
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(wanted));
    return spans;
  });
  const byId = new Map(all.map(span => [span.spanId, span]));
  const above = ({ parentSpanId = '' }: Span): string[] => {
    const parent = byId.get(parentSpanId);
    return parent ? [...above(parent), parent.name] : [];
  };
  const ways = all.map(span => [...above(span), span.name].join(' > '));
  // What the store of $kv is asked for belongs to the scripts of its call, though a worker asked for it.
  expect(ways.some(way => /^POST \/invocations > transform > run scripts > nats /.test(way))).toBe(true);
  expect(ways).toEqual(
    expect.arrayContaining([
      'POST /invocations > identify > load sqlite',
      expect.stringMatching(/^POST \/invocations > identify > .*amend sqlite$/),
    ]),
  );
  const failed = all.find(({ name }) => name === 'kv-key-get');
  expect(failed).toMatchObject({
    status: { code: 2 },
    attributes: expect.arrayContaining([{ key: 'error.type', value: { stringValue: 'BUCKET_NOT_FOUND' } }]),
  });
  // Names of keys and values are nobody's business there.
  expect(JSON.stringify(all)).not.toContain('a@b.example');

  // A trace is sent by whatever way a call comes.
  const traces = ['a', 'b', 'c'].map(digit => digit.repeat(32));
  const [ofItem, ofMcp, ofNodeRed] = traces.map(id => `00-${id}-00f067aa0ba902b7-01`);
  await send(`${kvflow.url}/invocations`, { items: [{ function: 'kv-bucket-list', traceparent: ofItem }] });
  const params = { name: 'kv-bucket-list', arguments: {}, _meta: { traceparent: ofMcp } };
  const told = await send(`${kvflow.url}/mcp`, { jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  expect(told).toContain(`"_meta":{"traceparent":"${ofMcp}"`);
  const nodeRed = connectHttp(kvflow.url, undefined);
  await nodeRed.invoke('kv-bucket-list', {}, { trace: ofNodeRed });
  await eventually(() => {
    const lists = collector.spans.filter(({ name }) => name === 'kv-bucket-list');
    expect(lists.map(({ traceId }) => traceId).sort()).toEqual(traces);
  });

  // The figures of /metrics are sent, too.
  await eventually(() => {
    const calls = collector.metrics.get('kvflow_invocations');
    expect(calls?.sum?.isMonotonic).toBe(true);
    expect(pointOf(calls?.sum, 'kv-bucket-list', 'OK')).toMatchObject({ asDouble: 3 });
    expect(pointOf(calls?.sum, 'kv-key-get', 'BUCKET_NOT_FOUND')).toMatchObject({ asDouble: 1 });
  });
  const took = pointOf(
    collector.metrics.get('kvflow_invocation_duration_seconds')?.histogram,
    'kv-bucket-list',
  );
  expect(took?.bucketCounts).toHaveLength((took?.explicitBounds?.length ?? 0) + 1);
  expect(took?.bucketCounts?.reduce((sum, count) => sum + Number(count))).toBe(Number(took?.count));
  expect(collector.metrics.get('kvflow_nats_connected')?.gauge?.dataPoints[0]?.asDouble).toBe(1);

  kvflow.child.kill('SIGTERM');
  const lines = (await kvflow.ended).stderr.split('\n').filter(line => line.includes('"msg":"invocation"'));
  const logged = lines.map(
    line => JSON.parse(line) as { function: string; trace_id: string; span_id: string },
  );
  expect(logged.filter(({ trace_id }) => trace_id === TRACE).map(line => line.function)).toEqual(
    calls.map(call => call.function),
  );
  expect(logged.every(({ span_id }) => /^[\da-f]{16}$/.test(span_id))).toBe(true);
});

async function send(url: string, body: object): Promise<string> {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return answer.text();
}

function pointOf(data: { dataPoints: Point[] } | undefined, name: string, code?: string): Point | undefined {
  return data?.dataPoints.find(({ attributes }) => {
    const values = Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue]));
    return values.function === name && values.code === code;
  });
}

/** Spans as they were made, each with its trace and whose it is. */
function recording(): {
  tracing: Tracing;
  spans: { name: string; parent: string | undefined; id: string }[];
} {
  const active = new AsyncLocalStorage<string>();
  const spans: { name: string; parent: string | undefined; id: string }[] = [];
  return {
    spans,
    tracing: {
      begin: ({ name }, given) => {
        const id = `00-${TRACE}-${String(spans.length).padStart(16, '0')}-01`;
        spans.push({ name, parent: given ?? active.getStore(), id });
        return { run: work => active.run(id, work), end: () => undefined };
      },
      current: () => active.getStore(),
      bind: work => {
        const store = active.getStore();
        return (...args) => (store === undefined ? work(...args) : active.run(store, () => work(...args)));
      },
    },
  };
}

test('telemetry - what another process finishes belongs to the call that began it', async () => {
  await using nats = await startNats();
  await using folder = await tempDir();
  const warehouse = {
    type: 'sqlite' as const,
    url: join(folder.path, 'w.db'),
    table: 'events',
    primaryKeyFields: ['event_id'],
  };
  const { tracing, spans } = recording();
  setTracing(tracing);
  try {
    await using first = joinIdentifying([nats.url], warehouse, {
      step: name =>
        name === 'remember' ? Promise.reject(new Error('the process ends here')) : Promise.resolve(),
    });
    await first.invoke('identify', { destination: 'warehouse', events: [event('1', 'v')] });
    await using second = joinIdentifying([nats.url], warehouse);
    await eventually(async () => {
      await second.recognition.reconcile(soon());
      expect(spans.map(({ name }) => name)).toContain('finish identify');
    });
    const begun = spans.find(({ name }) => name === 'identify');
    const finished = spans.find(({ name }) => name === 'finish identify');
    expect(begun).toBeDefined();
    expect(finished?.parent).toBe(begun?.id);
    expect(spans.find(({ name }) => name === 'load sqlite')?.parent).toBe(finished?.id);
  } finally {
    setTracing(undefined);
  }
});

test('telemetry - without a variable that asks for it nothing is loaded, and a disabled one sends nothing', async () => {
  await using collector = await startCollector();
  await using place = await makePlace();
  const disabled = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' };
  const watched = `--import ${join(import.meta.dirname, '../support/loaded-telemetry.mjs')}`;
  const kvflow = await place.start({ env: { ...disabled, NODE_OPTIONS: watched } });
  const response = await fetch(`${kvflow.url}/healthz`, { headers: { traceparent: PARENT } });
  // It is answered as it came.
  expect(response.headers.get('traceparent')).toBe(PARENT);
  kvflow.child.kill('SIGTERM');
  const { stderr } = await kvflow.ended;
  expect(collector.spans).toEqual([]);
  expect(stderr).not.toContain('loaded ');
});
