import type {
  IAuthenticateGeneric,
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
  ];

  authenticate: IAuthenticateGeneric = {
    type: 'generic',
    properties: { headers: { Authorization: '=Bearer {{$credentials.apiKey}}' } },
  };

  test: ICredentialTestRequest = {
    request: { baseURL: '={{$credentials.url.replace(new RegExp("/+$"), "")}}', url: '/functions' },
  };
}
