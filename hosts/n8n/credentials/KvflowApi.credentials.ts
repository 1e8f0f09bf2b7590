import type {
  IAuthenticate,
  ICredentialTestRequest,
  ICredentialType,
  Icon,
  INodeProperties,
} from 'n8n-workflow';

/** How to reach a kvflow server. */
export class KvflowApi implements ICredentialType {
  name = 'kvflowApi';

  displayName = 'kvflow API';

  documentationUrl = 'https://github.com/kvflow/kvflow/blob/main/docs/hosts/n8n.md';

  icon: Icon = { light: 'file:../icons/kvflow.svg', dark: 'file:../icons/kvflow.dark.svg' };

  properties: INodeProperties[] = [
    {
      displayName: 'URL',
      name: 'url',
      type: 'string',
      default: 'http://127.0.0.1:4280',
      required: true,
      description: 'What "kvflow start" prints',
    },
    {
      displayName: 'API Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      description: 'From "kvflow keys add". Leave empty for a server without keys.',
    },
    {
      displayName: 'CA Certificate',
      name: 'ca',
      type: 'string',
      typeOptions: { rows: 3 },
      default: '',
      description:
        'In PEM, of the authority that signed the certificate of an https URL, where it is one of your own',
    },
    {
      displayName: 'Ignore SSL Issues (Insecure)',
      name: 'ignoreSslIssues',
      type: 'boolean',
      default: false,
      description: 'Whether to connect even if the certificate of an https URL cannot be verified',
    },
  ];

  // Code, for n8n evaluates expressions only while it activates or runs a workflow, and a trigger calls at any time.
  authenticate: IAuthenticate = async ({ apiKey, ca, ignoreSslIssues }, request) => {
    if (ca) request.agentOptions = { ...request.agentOptions, ca: String(ca) };
    if (ignoreSslIssues) request.skipSslCertificateValidation = true;
    if (apiKey) request.headers = { ...request.headers, Authorization: `Bearer ${apiKey}` };
    return request;
  };

  test: ICredentialTestRequest = {
    request: { baseURL: '={{$credentials.url.replace(new RegExp("/+$"), "")}}', url: '/functions' },
  };
}
