import type { Browser } from 'playwright-core';
import { findN8n } from '../../tests/hosts/support/n8n-install.ts';
import { chain, kvflowNode, manual } from '../../tests/hosts/support/n8n-workflows.ts';
import { type RealN8n, startN8n } from '../../tests/hosts/support/real-n8n.ts';
import { makePlace } from '../../tests/runtime/transports/cli/kvflow-process.ts';

const BUCKET = 'user-preferences';
/** The editor's first paint, and each of its answers; milliseconds. */
const PATIENCE_MS = 30_000;

/** n8n's editor after a workflow was run in it by hand, with the node opened that read the value. */
export async function n8nPicture(browser: Browser, path: string): Promise<void> {
  const found = await findN8n();
  if ('missing' in found) return console.warn(`n8n.png is left as it is: ${found.missing}`);
  await using place = await makePlace();
  const { url } = await place.start();
  await post(`${url}/functions/kv-bucket-create/invocations`, { bucket: BUCKET });
  await using n8n = await startN8n(found.path);
  const page = await openWorkflow(browser, n8n, await saveWorkflow(n8n, url));
  await page.locator('[data-test-id="execute-workflow-button"]').click();
  const node = page.locator('[data-node-name="Read it"]').first();
  await node.locator('[data-test-id="canvas-node-status-success"]').waitFor();
  await node.dblclick();
  await page.locator('[data-test-id="ndv"] td', { hasText: 'dark' }).first().waitFor();
  await page.screenshot({ path });
  await page.context().close();
}

async function saveWorkflow(n8n: RealN8n, url: string): Promise<string> {
  const made = { name: 'kvflow', type: 'kvflowApi', data: { url, apiKey: '' } };
  const { id } = await n8n.rest<{ id: string }>('POST', '/credentials', made);
  const credentials = { kvflowApi: { id, name: 'kvflow' } };
  const put = { operation: 'kv-key-put', bucket: BUCKET, key: 'user.ada', value: '={{ { theme: "dark" } }}' };
  const get = { operation: 'kv-key-get', bucket: BUCKET, key: '={{ $json.key }}', options: { json: true } };
  const workflow = chain('Preferences', [
    manual(),
    kvflowNode('Store it', credentials, put),
    kvflowNode('Read it', credentials, get),
  ]);
  return (await n8n.rest<{ id: string }>('POST', '/workflows', workflow)).id;
}

async function openWorkflow(browser: Browser, n8n: RealN8n, id: string) {
  const context = await browser.newContext({ viewport: { width: 1380, height: 680 } });
  const [name = '', value = ''] = n8n.cookie.split(/=(.*)/);
  await context.addCookies([{ name, value, url: n8n.url }]);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(`${n8n.url}/workflow/${id}`);
  return page;
}

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}
