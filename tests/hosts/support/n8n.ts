import { createRequire } from 'node:module';
import { join } from 'node:path';
import type {
  ICredentialType,
  IDataObject,
  IHttpRequestOptions,
  INode,
  INodeExecutionData,
  INodeProperties,
  INodeType,
} from 'n8n-workflow';
import { NodeHelpers } from 'n8n-workflow';
import { buildN8n } from '../../../scripts/build-n8n.ts';

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
}

/** How a node is run. */
export interface RunOptions {
  credential: Credential;
  parameters: IDataObject;
  items?: IDataObject[];
  continueOnFail?: boolean;
  mode?: 'manual' | 'trigger';
  /** Kept from poll to poll. */
  staticData?: IDataObject;
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
  const run = pack.nodes.kvflow?.execute?.call(context(pack, 'kvflow', options) as never);
  const [answers = []] = ((await run) ?? []) as INodeExecutionData[][];
  return answers;
}

/** Lets the trigger look once; null where nothing changed. */
export async function poll(pack: N8nPackage, options: RunOptions): Promise<INodeExecutionData[] | null> {
  const answer = await pack.nodes.kvflowTrigger?.poll?.call(context(pack, 'kvflowTrigger', options) as never);
  return (answer?.[0] as INodeExecutionData[] | undefined) ?? null;
}

/** What a list in the editor offers. */
export async function searchList(pack: N8nPackage, options: RunOptions, filter?: string): Promise<unknown> {
  const search = pack.nodes.kvflow?.methods?.listSearch?.searchBuckets;
  return await search?.call(context(pack, 'kvflow', options) as never, filter);
}

/** Sends the credential's own test request. */
export async function testCredential(pack: N8nPackage, credential: Credential): Promise<number> {
  const { request } = pack.credential.test ?? { request: {} };
  const baseURL = credential.url.replace(/\/+$/, '');
  return (await fetch(`${baseURL}${request.url}`, { headers: headersOf(pack, credential) })).status;
}

/** Stands in for n8n-core's contexts, whose form n8n-workflow declares. */
function context(pack: N8nPackage, type: string, options: RunOptions) {
  const { credential, items = [{}], continueOnFail = false, mode = 'trigger', staticData = {} } = options;
  const node = nodeOf(pack, type, options.parameters);
  const inputs = items.map(json => ({ json }));
  const request = (_type: string, { url, method, body }: IHttpRequestOptions) =>
    fetch(url, {
      method: method ?? 'GET',
      headers: { 'content-type': 'application/json', ...headersOf(pack, credential) },
      body: JSON.stringify(body),
    }).then(response => response.json());
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
  const isPoll = type === 'kvflowTrigger';
  return {
    getNode: () => node,
    getInputData: () => inputs,
    continueOnFail: () => continueOnFail,
    getMode: () => mode,
    getWorkflowStaticData: () => staticData,
    getCredentials: async () => credential,
    getNodeParameter: isPoll
      ? (name: string, fallback: unknown, how?: object) => parameter(name, 0, fallback, how)
      : parameter,
    helpers: {
      httpRequestWithAuthentication: request,
      returnJsonArray: (data: IDataObject[]) => data.map(json => ({ json })),
    },
  };
}

/** With the defaults of all parameters that are shown, as n8n fills them in. */
function nodeOf(pack: N8nPackage, type: string, given: IDataObject): INode {
  const node = { id: '1', name: type, type, typeVersion: 1, position: [0, 0], parameters: given } as INode;
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

function headersOf(pack: N8nPackage, { apiKey }: Credential): Record<string, string> {
  const { authenticate } = pack.credential as {
    authenticate: { properties: { headers: Record<string, string> } };
  };
  const fill = (text: string) => text.replace(/^=/, '').replace('{{$credentials.apiKey}}', apiKey);
  const entries = Object.entries(authenticate.properties.headers).map(([name, text]) => [name, fill(text)]);
  return Object.fromEntries(entries);
}

function isLocator(value: unknown): value is { value: unknown } {
  return typeof value === 'object' && value !== null && 'mode' in value && 'value' in value;
}
