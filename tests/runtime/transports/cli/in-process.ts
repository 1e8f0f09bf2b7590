import { Readable } from 'node:stream';
import { createCliHost } from '../../../../runtime/main/cli-host.ts';
import { runCli } from '../../../../runtime/transports/cli/cli.ts';
import type { TestKvflow } from '../../../support/kvflow.ts';
import { startWithServer } from '../../../support/kvflow.ts';
import { serve } from '../../../support/served.ts';

/** What one command line wrote and answered. */
export interface Ran {
  code: number;
  out: Buffer;
  text: string;
  told: string;
}

/** Runs command lines in this process, on a place that an environment names. */
export type RunLine = (argv: string[], stdin?: string | Uint8Array) => Promise<Ran>;

/** A kvflow, and the command line on it: over HTTP, and on its NATS as on local data. */
export interface BothWays extends AsyncDisposable {
  readonly kvflow: TestKvflow;
  readonly url: string;
  readonly ways: [name: string, run: RunLine][];
}

/** Starts one. */
export async function startBothWays(): Promise<BothWays> {
  const kvflow = await startWithServer();
  const served = await serve(kvflow);
  return {
    kvflow,
    url: served.url,
    ways: [
      ['http', runner({ KVFLOW_URL: served.url })],
      ['local', runner({ NATS_URL: kvflow.server.url })],
    ],
    [Symbol.asyncDispose]: async () => {
      await served.close();
      await kvflow[Symbol.asyncDispose]();
    },
  };
}

/** Runs command lines with an environment. */
export function runner(env: Record<string, string>): RunLine {
  const host = createCliHost({ env, cwd: process.cwd() });
  return async (argv, stdin = '') => {
    const out: Buffer[] = [];
    const told: string[] = [];
    const code = await runCli(argv, host, {
      print: line => void out.push(Buffer.from(`${line}\n`)),
      write: async data => void out.push(Buffer.from(data as string)),
      tell: line => void told.push(line),
      stdin: Readable.from([Buffer.from(stdin as string)]),
      env,
    });
    const all = Buffer.concat(out);
    return { code, out: all, text: all.toString(), told: told.join('\n') };
  };
}
