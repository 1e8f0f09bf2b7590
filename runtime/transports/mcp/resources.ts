import type { ReadResourceResult, ResourceTemplateType } from '@modelcontextprotocol/server';
import type { KvKeyGetOutput, KvKeyListOutput } from '../../../contract/types.gen.ts';
import type { McpCaller } from '../../core/mcp-caller.ts';
import { dataOf, noSuchResource } from './failures.ts';
import type { ResourceName } from './resource-uri.ts';
import { keyUri, parseResourceUri, TEMPLATES } from './resource-uri.ts';

const JSON_TYPE = 'application/json';
/** Keys named by a bucket's list of keys; the tool kv-key-list has the rest. */
const MAX_KEYS = 1_000;

/** What there is to read beside what is listed. */
export const RESOURCE_TEMPLATES: ResourceTemplateType[] = [
  {
    name: 'bucket',
    title: 'A bucket',
    uriTemplate: TEMPLATES.bucket,
    description: "A bucket's options and figures.",
    mimeType: JSON_TYPE,
  },
  {
    name: 'keys',
    title: "A bucket's keys",
    uriTemplate: TEMPLATES.keys,
    description: `The first ${MAX_KEYS} keys of a bucket with the URI of each; kv-key-list goes on after them.`,
    mimeType: JSON_TYPE,
  },
  {
    name: 'key',
    title: 'A value',
    uriTemplate: TEMPLATES.key,
    description: "A key's latest value, as it was stored. The key is percent-encoded.",
  },
];

/** Reads one resource. */
export async function readResource(caller: McpCaller, uri: string): Promise<ReadResourceResult> {
  const name = parseResourceUri(uri);
  if (!name) throw noSuchResource(uri);
  return { contents: [await read(caller, name, uri)] };
}

async function read(
  caller: McpCaller,
  name: ResourceName,
  uri: string,
): Promise<ReadResourceResult['contents'][number]> {
  switch (name.kind) {
    case 'buckets':
      return json(uri, dataOf(await caller.call('kv-bucket-list', {}), uri));
    case 'bucket':
      return json(uri, dataOf(await caller.call('kv-bucket-info', { bucket: name.bucket }), uri));
    case 'keys':
      return json(uri, await keysOf(caller, name.bucket, uri));
    case 'key': {
      const { bucket, key } = name;
      return valueContents(uri, dataOf(await caller.call('kv-key-get', { bucket, key }), uri));
    }
  }
}

async function keysOf(caller: McpCaller, bucket: string, uri: string) {
  const input = { bucket, limit: MAX_KEYS, include_values: false };
  const { items, ...page } = dataOf(
    await caller.call('kv-key-list', input),
    uri,
  ) as unknown as KvKeyListOutput;
  return { items: items.map(item => ({ ...item, uri: keyUri(bucket, item.key) })), ...page };
}

function valueContents(uri: string, data: Record<string, unknown>) {
  const { value, encoding, revision, created_at, expires_at } = data as unknown as KvKeyGetOutput;
  const _meta = { revision, created_at, ...(expires_at && { expires_at }) };
  if (encoding === 'base64') return { uri, mimeType: 'application/octet-stream', blob: String(value), _meta };
  const text = String(value);
  return { uri, mimeType: isJson(text) ? JSON_TYPE : 'text/plain', text, _meta };
}

function json(uri: string, value: unknown) {
  return { uri, mimeType: JSON_TYPE, text: JSON.stringify(value) };
}

/** Objects and arrays only: those are what is stored as JSON; any number is text as well. */
function isJson(text: string): boolean {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
