/** The transports of kvflow as clients of theirs see them, for the suite that compares them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Envelope } from '../../runtime/core/envelope.ts';
import { createCliHost } from '../../runtime/main/cli-host.ts';
import { serveFunctions } from '../../runtime/nats/service/service.ts';
import { runCli } from '../../runtime/transports/cli/cli.ts';
import type { Io } from '../../runtime/transports/cli/io.ts';
import { MAIN, makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import type { TestClient } from '../runtime/transports/mcp/helpers.ts';
import { connected, connectHttp, serveMcp, textOf, VERSIONS } from '../runtime/transports/mcp/helpers.ts';
import type { OpenTransport, TransportSubject } from '../suites/test-transport.ts';
import { registry } from './kvflow.ts';
import { onNewConnection } from './new-connection.ts';
import { connectPatiently } from './patient-nats.ts';
import { serve } from './served.ts';

const silent = { info: () => undefined, warn: () => undefined };

/** POST /functions/{name}/invocations. */
export const http: TransportSubject = {
  name: 'http',
  open: async ({ kvflow }) => {
    const served = await serve(kvflow);
    return {
      call: async (name, input) => {
        const answer = await fetch(`${served.url}/functions/${name}/invocations`, json(input));
        const envelope = (await answer.json()) as Envelope;
        return { ...envelope, status_code: answer.status } as Envelope;
      },
      [Symbol.asyncDispose]: served.close,
    };
  },
};

/** The same to so many workers behind one port, each call on a connection of its own. */
export const workers = (count: number): TransportSubject => ({
  name: `http of ${count} workers`,
  open: async ({ natsUrl }) => {
    const place = await makePlace();
    const env = { NATS_URL: natsUrl, KVFLOW_FLOWS: 'off' };
    const { url } = await place.start({ env, args: ['--workers', String(count)] });
    return {
      call: async (name, input) => {
        const answer = await onNewConnection(`${url}/functions/${name}/invocations`, { body: input });
        return { ...JSON.parse(answer.body), status_code: answer.status } as Envelope;
      },
      [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
    };
  },
});

/** POST /invocations with one item. */
export const batch: TransportSubject = {
  name: 'http batch',
  open: async ({ kvflow }) => {
    const served = await serve(kvflow);
    return {
      call: async (name, input) => {
        const answer = await fetch(`${served.url}/invocations`, json({ items: [{ function: name, input }] }));
        return ((await answer.json()) as { items: Envelope[] }).items[0] as Envelope;
      },
      [Symbol.asyncDispose]: served.close,
    };
  },
};

/** Requests on kvflow.fn.<name>, as a program sends them that knows nothing of kvflow. */
export const nats: TransportSubject = {
  name: 'nats',
  open: async ({ kvflow, natsUrl }) => {
    const { invoke } = kvflow;
    const service = serveFunctions({ connection: kvflow.nats.connection, registry, invoke, log: silent });
    await service.started;
    const nc = await connectPatiently({ servers: natsUrl });
    return {
      call: async (name, input) => {
        // NATS itself says that nobody listens there; whoever knows the functions says that there is none.
        if (!registry.list().some(spec => spec.name === name)) return await kvflow.invoke(name, input);
        const msg = await nc.request(`kvflow.fn.${name}`, JSON.stringify(input), { timeout: 10_000 });
        const envelope = msg.json<Envelope>();
        const code = msg.headers?.get('Nats-Service-Error-Code') ?? '200';
        return { ...envelope, status_code: Number(code) } as Envelope;
      },
      [Symbol.asyncDispose]: async () => {
        await nc.close();
        await service.stop();
      },
    };
  },
};

/** Tools of POST /mcp, for clients of each revision. */
export const mcpHttp = VERSIONS.map(
  ([version, options]): TransportSubject => ({
    name: `mcp http ${version}`,
    takes: isToolInput,
    open: async ({ kvflow }) => {
      const served = await serveMcp(kvflow);
      return overMcp(await connectHttp(served.url, options), served.close);
    },
  }),
);

/** Tools of `kvflow mcp`, for clients of each revision. */
export const mcpStdio = VERSIONS.map(
  ([version, options]): TransportSubject => ({
    name: `mcp stdio ${version}`,
    takes: isToolInput,
    open: async ({ natsUrl }) => {
      const place = await makePlace();
      const transport = new StdioClientTransport({
        command: process.execPath,
        args: [MAIN, 'mcp', '--toolset', 'all'],
        cwd: place.path,
        env: { ...getDefaultEnvironment(), NATS_URL: natsUrl },
      });
      const it = await connected(new Client({ name: 'test', version: '1.0.0' }, options), transport);
      return overMcp(it, async () => place[Symbol.asyncDispose]());
    },
  }),
);

/** `kvflow invoke`. */
export const cli: TransportSubject = {
  name: 'cli',
  open: ({ natsUrl }) => overCli(natsUrl, []),
};

/** `kvflow invoke --via nats` to a service of another process. */
export const cliViaNats: TransportSubject = {
  name: 'cli via nats',
  open: async ({ kvflow, natsUrl }) => {
    const { invoke } = kvflow;
    const service = serveFunctions({ connection: kvflow.nats.connection, registry, invoke, log: silent });
    await service.started;
    const it = await overCli(natsUrl, ['--via', 'nats']);
    return {
      call: it.call,
      [Symbol.asyncDispose]: async () => {
        await it[Symbol.asyncDispose]();
        await service.stop();
      },
    };
  },
};

/**
 * Input comes as the arguments of a tool: an object, whatever is sent, and the protocol's own library drops a
 * `__proto__` among them before anybody else sees it.
 */
function isToolInput(_name: string, input: unknown): boolean {
  return (
    typeof input === 'object' && input !== null && !Array.isArray(input) && !Object.hasOwn(input, '__proto__')
  );
}

/** The command line as it is, in this process: what a process of its own adds is tested with the command line. */
async function overCli(natsUrl: string, flags: string[]): Promise<OpenTransport> {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-transport-'));
  const env = { NATS_URL: natsUrl };
  const host = createCliHost({ env, cwd: folder });
  return {
    call: async (name, input) => {
      const printed: string[] = [];
      const stdin = Readable.from([JSON.stringify(input)]);
      const io: Io = {
        print: line => void printed.push(line),
        write: async text => void printed.push(String(text)),
        tell: () => undefined,
        stdin,
        env,
      };
      await runCli(['invoke', name, '-', '--envelope', '--compact', ...flags], host, io);
      return JSON.parse(printed.join('\n')) as Envelope;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function overMcp({ client, ...it }: TestClient, close: () => Promise<unknown>): OpenTransport {
  return {
    call: async (name, input) => {
      try {
        const result = await client.callTool({ name, arguments: input as Record<string, unknown> });
        if (result.isError) return JSON.parse(textOf(result as never)) as Envelope;
        return { status_code: 200, data: result.structuredContent };
      } catch (error) {
        // A tool that does not exist is an error of the protocol, with the envelope as its data.
        return (error as { data: Envelope }).data;
      }
    },
    [Symbol.asyncDispose]: async () => {
      await it[Symbol.asyncDispose]();
      await close();
    },
  };
}

function json(body: unknown): RequestInit {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
