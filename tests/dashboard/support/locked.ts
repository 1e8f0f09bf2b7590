import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { createAuthenticator } from '../../../runtime/access/authenticator.ts';
import { createKeyFile } from '../../../runtime/access/key-file.ts';
import { dashboardRoute } from '../../../runtime/server/routes/dashboard.ts';
import { eventually } from '../../support/eventually.ts';
import type { Served } from '../../support/served.ts';
import { serve } from '../../support/served.ts';
import { builtDashboard } from './built.ts';
import type { Dashboard, Visit } from './dashboard.ts';

/** The same kvflow, served to those with an API key. */
export interface Locked extends Served {
  key: string;
  /** One more API key, which the server knows by then; the answer is the key. */
  add(limits: object): Promise<string>;
  /** Takes a key away, by its name; the server knows that by then. */
  revoke(name: string, key: string): Promise<void>;
  /** Opens an address and logs in, not before what is `awaited`. */
  logIn(visit: Visit, path: string, awaited?: Promise<unknown>): Promise<void>;
}

/** Serves the kvflow of a test file with one API key, which may only read unless it is said otherwise. */
export async function lockedDashboard(
  dashboard: Dashboard,
  limits: object = { name: 'reader', read_only: true },
): Promise<Locked> {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-keys-'));
  const keyFile = createKeyFile(join(folder, 'api-keys.json'));
  const { key } = await keyFile.add(limits as never);
  const served = await serve(dashboard.kvflow(), {
    homePage: false,
    plugins: [dashboardRoute(await builtDashboard())],
    access: createAuthenticator({ keyFile }),
  });
  const close = async () => {
    await served.close();
    await rm(folder, { recursive: true, force: true });
  };
  // The server reads the file again within about a second.
  const isAnswered = async (apiKey: string, status: number) => {
    const headers = { authorization: `Bearer ${apiKey}` };
    await eventually(async () =>
      expect((await fetch(`${served.url}/access`, { headers })).status).toBe(status),
    );
  };
  const add = async (more: object) => {
    const added = await keyFile.add(more as never);
    await isAnswered(added.key, 200);
    return added.key;
  };
  const revoke = async (name: string, apiKey: string) => {
    await keyFile.revoke(name);
    await isAnswered(apiKey, 401);
  };
  return { url: served.url, close, [Symbol.asyncDispose]: close, key, add, revoke, logIn };

  async function logIn(visit: Visit, path: string, awaited?: Promise<unknown>): Promise<void> {
    visit.allow(/401/);
    visit.allowOrigin(served.url);
    await visit.page.goto(served.url + path);
    await awaited;
    await visit.page.getByLabel('API key').fill(key);
    await visit.page.getByRole('button', { name: 'Log in' }).click();
    await visit.page.getByRole('heading', { name: 'Log in' }).waitFor({ state: 'detached' });
  }
}
