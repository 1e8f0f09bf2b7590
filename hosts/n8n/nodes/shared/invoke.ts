import type {
  IDataObject,
  IExecuteFunctions,
  IHttpRequestOptions,
  ILoadOptionsFunctions,
  IPollFunctions,
  JsonObject,
} from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';

/** Whoever may call kvflow: a node, a trigger or a list in the editor. */
export type Caller = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** What every call ends with. */
export interface Envelope {
  status_code: number;
  data?: IDataObject;
  error?: { code: string; message: string; retryable: boolean; details?: IDataObject };
}

const CREDENTIAL = 'kvflowApi';

/** Calls a function. Answers failures as kvflow does; throws NodeApiError when no kvflow answered. */
export async function invoke(caller: Caller, name: string, input: IDataObject): Promise<Envelope> {
  const { url } = await caller.getCredentials<{ url: string }>(CREDENTIAL);
  const options: IHttpRequestOptions = {
    method: 'POST',
    url: `${url.replace(/\/+$/, '')}/functions/${name}/invocations`,
    body: input,
    json: true,
    ignoreHttpStatusErrors: true,
  };
  const answer: unknown = await caller.helpers.httpRequestWithAuthentication
    .call(caller, CREDENTIAL, options)
    .catch((error: JsonObject) => {
      throw new NodeApiError(caller.getNode(), error, {
        message: `kvflow is not reachable at ${url}`,
        description: 'Check the URL of the credential, and that "kvflow start" runs.',
      });
    });
  if (isEnvelope(answer)) return answer;
  throw new NodeApiError(
    caller.getNode(),
    {},
    {
      message: `${url} does not answer as kvflow does`,
      description: 'Set the URL of the credential to the one that "kvflow start" prints.',
    },
  );
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

function isEnvelope(answer: unknown): answer is Envelope {
  return typeof answer === 'object' && answer !== null && 'status_code' in answer;
}
