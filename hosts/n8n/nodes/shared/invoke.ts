import type {
  IDataObject,
  IExecuteFunctions,
  IHttpRequestOptions,
  ILoadOptionsFunctions,
  ITriggerFunctions,
  JsonObject,
} from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

/** Whoever may call kvflow: a node, a trigger or a list in the editor. */
export type Caller = IExecuteFunctions | ILoadOptionsFunctions | ITriggerFunctions;

/** What every call ends with. */
export interface Envelope {
  status_code: number;
  data?: IDataObject;
  error?: { code: string; message: string; retryable: boolean; details?: IDataObject };
}

const CREDENTIAL = 'kvflowApi';

/** Calls a function. Answers failures as kvflow does; throws NodeApiError when no kvflow answered. */
export async function invoke(
  caller: Caller,
  name: string,
  input: IDataObject,
  options: Pick<IHttpRequestOptions, 'abortSignal'> = {},
): Promise<Envelope> {
  const path = `/functions/${name}/invocations`;
  const headers = { 'x-kvflow-by': writtenBy(caller) };
  const answer = await request(caller, path, {
    ...options,
    method: 'POST',
    headers,
    body: input,
    json: true,
  });
  if (isEnvelope(answer)) return answer;
  throw await unknownAnswer(caller);
}

/** The failure of an answer that no kvflow gave. */
export async function unknownAnswer(caller: Caller): Promise<NodeApiError> {
  const { url } = await credentialOf(caller);
  return new NodeApiError(
    caller.getNode(),
    {},
    {
      message: `${url} does not answer as kvflow does`,
      description: 'Set the URL of the credential to the one that "kvflow start" prints.',
    },
  );
}

/** Asks the server of the credential, whatever status it answers with. Throws NodeApiError when nothing answered. */
export async function request(
  caller: Caller,
  path: string,
  options: Omit<IHttpRequestOptions, 'url'>,
): Promise<unknown> {
  const { url } = await credentialOf(caller);
  const asked = { ...options, url: `${url.replace(/\/+$/, '')}${path}`, ignoreHttpStatusErrors: true };
  return await caller.helpers.httpRequestWithAuthentication
    .call(caller, CREDENTIAL, asked)
    .catch((error: JsonObject) => {
      throw new NodeApiError(caller.getNode(), error, {
        message: `kvflow is not reachable at ${url}`,
        description: 'Check the URL of the credential, and that "kvflow start" runs.',
      });
    });
}

/** The data of a call that must work. Throws NodeApiError with the code, the message and what can be acted on. */
export function dataOf(caller: Caller, envelope: Envelope, itemIndex?: number): IDataObject {
  if (envelope.data) return envelope.data;
  const { code = 'INTERNAL', message = 'kvflow answered without data', details = {} } = envelope.error ?? {};
  throw new NodeApiError(caller.getNode(), (envelope.error ?? {}) as JsonObject, {
    message,
    description: Object.keys(details).length > 0 ? `${code}: ${JSON.stringify(details)}` : code,
    httpCode: String(envelope.status_code),
    ...(itemIndex !== undefined && { itemIndex }),
  });
}

/** What the node says of itself, which kvflow keeps with what it writes. */
export function writtenBy(caller: Caller): string {
  const { name: node } = caller.getNode();
  // A list in the editor has no workflow yet.
  const flow = 'getWorkflow' in caller ? caller.getWorkflow().name : undefined;
  return Object.entries({ host: 'n8n', flow, node })
    .flatMap(([name, value]) => (value ? [`${name}=${encodeURIComponent(cut(value))}`] : []))
    .join('; ');
}

/** At most 100 characters, and never half a surrogate pair, which cannot be encoded. */
function cut(text: string): string {
  return text
    .slice(0, 100)
    .replace(/[\uD800-\uDBFF]$/, '')
    .toWellFormed();
}

function credentialOf(caller: Caller): Promise<{ url: string }> {
  return caller.getCredentials<{ url: string }>(CREDENTIAL);
}

/** Whether kvflow answered each call of a batch. */
export function isBatch(answer: unknown): answer is { items: Envelope[] } {
  return typeof answer === 'object' && answer !== null && 'items' in answer && Array.isArray(answer.items);
}

function isEnvelope(answer: unknown): answer is Envelope {
  return typeof answer === 'object' && answer !== null && 'status_code' in answer;
}
