import type {
  IDataObject,
  INodeType,
  INodeTypeDescription,
  ITriggerFunctions,
  ITriggerResponse,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { searchBuckets } from '../shared/search-buckets';
import type { Range } from './changes';
import { begin, follow, sampleChanges } from './changes';

/** Starts a workflow when keys change. */
export class KvflowTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'kvflow Trigger',
    name: 'kvflowTrigger',
    icon: { light: 'file:../../icons/kvflow.svg', dark: 'file:../../icons/kvflow.dark.svg' },
    group: ['trigger'],
    version: 1,
    subtitle: '={{$parameter["filter"]}}',
    description: 'Starts the workflow when keys of a bucket are written, deleted or expire',
    defaults: { name: 'kvflow Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    credentials: [{ name: 'kvflowApi', required: true }],
    properties: [
      {
        displayName: 'Bucket',
        name: 'bucket',
        type: 'resourceLocator',
        default: { mode: 'list', value: '' },
        required: true,
        description: 'The bucket to follow',
        modes: [
          {
            displayName: 'From List',
            name: 'list',
            type: 'list',
            typeOptions: { searchListMethod: 'searchBuckets', searchable: true },
          },
          { displayName: 'By Name', name: 'name', type: 'string', placeholder: 'user-preferences' },
        ],
      },
      {
        displayName: 'Keys',
        name: 'filter',
        type: 'string',
        default: '>',
        required: true,
        placeholder: 'user.*',
        description: 'A key, or a pattern: * stands for one token, > for the rest',
      },
    ],
  };

  methods = { listSearch: { searchBuckets } };

  async trigger(this: ITriggerFunctions): Promise<ITriggerResponse> {
    const bucket = this.getNodeParameter('bucket', undefined, { extractValue: true }) as string;
    const range: Range = { bucket, filter: this.getNodeParameter('filter') as string };
    const stopping = new AbortController();
    const closeFunction = async () => stopping.abort();
    const tell = (changes: IDataObject[]) => this.emit([this.helpers.returnJsonArray(changes)]);
    const start = () => {
      follow(this, range, { signal: stopping.signal, tell }).catch((error: Error) => this.emitError(error));
    };
    if (this.getMode() === 'manual')
      return { closeFunction, manualTriggerFunction: () => show(this, range, { tell, start }) };
    await begin(this, range);
    start();
    return { closeFunction };
  }
}

/** While a workflow is built: a key as it is now; where there is none, the next change. */
async function show(
  node: ITriggerFunctions,
  range: Range,
  { tell, start }: { tell(changes: IDataObject[]): void; start(): void },
): Promise<void> {
  const sample = await sampleChanges(node, range);
  if (sample.length > 0) return tell(sample);
  await begin(node, range);
  start();
}
