import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type {
  ICredentialType,
  IDataObject,
  IHttpRequestOptions,
  INode,
  INodeExecutionData,
  INodeProperties,
  INodeType,
  ResourceMapperField,
} from 'n8n-workflow';
import { buildN8n } from '../../../scripts/build-n8n.ts';

/** As n8n loads it: in its ES modules imports have no extensions, which Node does not take. */
const { NodeHelpers } = createRequire(import.meta.url)('n8n-workflow') as typeof import('n8n-workflow');

const PACKAGE = join(import.meta.dirname, '../../../hosts/n8n');

/** The built package, loaded as n8n does it: by what its package.json names. */
export interface N8nPackage {
  manifest: { n8n: { nodes: string[]; credentials: string[] } };
  nodes: Record<string, INodeType>;
  credential: ICredentialType;
}

/** Values of a credential. */
export interface Credential {
  url: string;
  apiKey: string;
  ca?: string;
  ignoreSslIssues?: boolean;
}

/** How a node is run. */
export interface RunOptions {
  credential: Credential;
  parameters: IDataObject;
  items?: IDataObject[];
  /** Of the first item: its files by field. */
  binary?: Record<string, Buffer>;
  /** Of the node, as a workflow keeps it; new nodes have the description's default. */
  typeVersion?: number;
  continueOnFail?: boolean;
  /** What the user calls the workflow, and the node. Default: none, and its type. */
  names?: { workflow: string; node: string };
  mode?: 'manual' | 'trigger';
  /** Kept while a workflow is off. */
  staticData?: IDataObject;
  /** Sees each request, and may answer in place of the server. */
  request?: (path: string) => Response | undefined;
}

/** A trigger that runs. */
export interface RunningTrigger extends AsyncDisposable {
  /** The next items that start the workflow. */
  next(): Promise<INodeExecutionData[]>;
  /** Resolves with what n8n is told when the trigger cannot go on. */
  readonly failed: Promise<Error>;
}

/** Builds the package and loads its classes, each named as its file. */
export async function loadN8nPackage(): Promise<N8nPackage> {
  await buildN8n();
  const require = createRequire(join(PACKAGE, 'package.json'));
  const manifest = require('./package.json') as N8nPackage['manifest'];
  const load = <T>(path: string): T => {
    const [name = ''] = path.split('/').at(-1)?.split('.') ?? [];
    return new (require(`./${path}`)[name] as new () => T)();
  };
  const nodes = manifest.n8n.nodes.map(path => load<INodeType>(path));
  return {
    manifest,
    nodes: Object.fromEntries(nodes.map(node => [node.description.name, node])),
    credential: load<ICredentialType>(manifest.n8n.credentials[0] ?? ''),
  };
}

/** Runs a node over items. */
export async function execute(pack: N8nPackage, options: RunOptions): Promise<INodeExecutionData[]> {
  const [answers = []] = await executeOutputs(pack, options);
  return answers;
}

/** The same, answering what leaves by each output. */
export async function executeOutputs(pack: N8nPackage, options: RunOptions): Promise<INodeExecutionData[][]> {
  const run = pack.nodes.kvflow?.execute?.call(context(pack, 'kvflow', options) as never);
  return ((await run) ?? []) as INodeExecutionData[][];
}

/** Activates the trigger; in manual mode, presses its button as well. */
export async function activate(pack: N8nPackage, options: RunOptions): Promise<RunningTrigger> {
  const emitted: INodeExecutionData[][] = [];
  let wake: () => void = () => undefined;
  const failed = Promise.withResolvers<Error>();
  const emit = ([items = []]: INodeExecutionData[][]) => {
    emitted.push(items);
    wake();
  };
  const node = { ...context(pack, 'kvflowTrigger', options), emit, emitError: failed.resolve };
  const running = await pack.nodes.kvflowTrigger?.trigger?.call(node as never);
  await running?.manualTriggerFunction?.();
  return {
    failed: failed.promise,
    next: async () => {
      for (;;) {
        const items = emitted.shift();
        if (items) return items;
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
    },
    [Symbol.asyncDispose]: async () => running?.closeFunction?.(),
  };
}

/** What a list in the editor offers. */
export async function searchList(pack: N8nPackage, options: RunOptions, filter?: string): Promise<unknown> {
  const search = pack.nodes.kvflow?.methods?.listSearch?.searchBuckets;
  return await search?.call(context(pack, 'kvflow', options) as never, filter);
}

/** Fields that the editor offers to map values to. */
export async function valueFields(pack: N8nPackage, options: RunOptions): Promise<ResourceMapperField[]> {
  const load = pack.nodes.kvflow?.methods?.resourceMapping?.getValueFields;
  return (await load?.call(context(pack, 'kvflow', options) as never))?.fields ?? [];
}

/** Sends the credential's own test request. */
export async function testCredential(pack: N8nPackage, credential: Credential): Promise<number> {
  const { request } = pack.credential.test ?? { request: {} };
  const url = `${credential.url.replace(/\/+$/, '')}${request.url}`;
  const { headers } = await authenticated(pack, credential, { url });
  return (await fetch(url, { headers: headers as Record<string, string> })).status;
}

/** Stands in for n8n-core's contexts, whose form n8n-workflow declares. */
function context(pack: N8nPackage, type: string, options: RunOptions) {
  const { credential, items = [{}], continueOnFail = false, mode = 'trigger', staticData = {} } = options;
  const node = nodeOf(pack, type, options);
  const inputs = items.map(json => ({ json }));
  const request = async (_type: string, asked: IHttpRequestOptions) =>
    send(await authenticated(pack, credential, asked), options);
  const parameter = (
    name: string,
    item: unknown,
    fallback: unknown,
    how: { extractValue?: boolean } = {},
  ) => {
    const value = node.parameters[name] ?? fallback;
    const itemIndex = typeof item === 'number' ? item : 0;
    const evaluated = typeof value === 'function' ? value(items[itemIndex]) : value;
    return how.extractValue && isLocator(evaluated) ? evaluated.value : evaluated;
  };
  const isTrigger = type === 'kvflowTrigger';
  return {
    getNode: () => node,
    ...(options.names && { getWorkflow: () => ({ id: '1', name: options.names?.workflow, active: false }) }),
    getInputData: () => inputs,
    continueOnFail: () => continueOnFail,
    getCurrentNodeParameter: (name: string, how?: object) => parameter(name, 0, undefined, how),
    getMode: () => mode,
    getWorkflowStaticData: () => staticData,
    getCredentials: async () => credential,
    getNodeParameter: isTrigger
      ? (name: string, fallback: unknown, how?: object) => parameter(name, 0, fallback, how)
      : parameter,
    helpers: {
      httpRequestWithAuthentication: request,
      assertBinaryData: (_item: number, field: string) => {
        if (!options.binary?.[field]) throw new Error(`This operation expects a binary file '${field}'`);
      },
      getBinaryDataBuffer: async (_item: number, field: string) => options.binary?.[field],
      prepareBinaryData: async (bytes: Buffer, fileName: string) => ({
        data: bytes.toString('base64'),
        fileName,
      }),
      returnJsonArray: (data: IDataObject[]) => data.map(json => ({ json })),
    },
  };
}

/** With the defaults of all parameters that are shown, as n8n fills them in. */
function nodeOf(
  pack: N8nPackage,
  type: string,
  { parameters: given, typeVersion = 1, names }: RunOptions,
): INode {
  const name = names?.node ?? type;
  const node = { id: '1', name, type, typeVersion, position: [0, 0], parameters: given } as INode;
  const { description } = pack.nodes[type] as INodeType;
  const properties = description.properties as INodeProperties[];
  const parameters = NodeHelpers.getNodeParameters(
    properties,
    given as never,
    true,
    false,
    node,
    description,
  );
  return { ...node, parameters: { ...parameters, ...given } as never };
}

/** As n8n's helper sends and reads it, as far as the package uses that. */
async function send(asked: IHttpRequestOptions, { request }: RunOptions): Promise<unknown> {
  const { method = 'GET', headers, body, encoding, returnFullResponse, abortSignal } = asked;
  const url = new URL(asked.url);
  for (const [name, value] of Object.entries(asked.qs ?? {})) url.searchParams.set(name, String(value));
  const init = {
    method,
    headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: (abortSignal as AbortSignal) ?? null,
  };
  const answer =
    request?.(url.pathname) ??
    (url.protocol === 'https:' ? await sendByTls(url, init, asked) : await fetch(url, init));
  const read = encoding === 'stream' ? Readable.fromWeb(answer.body as ReadableStream) : await answer.json();
  if (!returnFullResponse) return read;
  return { body: read, statusCode: answer.status, headers: Object.fromEntries(answer.headers) };
}

/** n8n-core hands agentOptions and skipSslCertificateValidation to an https.Agent. */
async function sendByTls(
  url: URL,
  { method, headers, body }: { method: string; headers: Record<string, string>; body?: string },
  { agentOptions, skipSslCertificateValidation }: IHttpRequestOptions,
): Promise<Response> {
  const agent = new Agent({ ...agentOptions, rejectUnauthorized: !skipSslCertificateValidation });
  const sent = httpsRequest(url, { method, headers, agent });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const text = Buffer.concat(await answer.toArray()).toString();
  agent.destroy();
  return new Response(text, { status: answer.statusCode ?? 0 });
}

async function authenticated(
  pack: N8nPackage,
  credential: Credential,
  asked: IHttpRequestOptions,
): Promise<IHttpRequestOptions> {
  const { authenticate } = pack.credential;
  if (typeof authenticate !== 'function') throw new Error('the credential does not authenticate by code');
  return await authenticate({ ...credential }, asked);
}

function isLocator(value: unknown): value is { value: unknown } {
  return typeof value === 'object' && value !== null && 'mode' in value && 'value' in value;
}
