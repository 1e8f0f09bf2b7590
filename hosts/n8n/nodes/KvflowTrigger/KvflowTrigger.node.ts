import type {
  IDataObject,
  INodeExecutionData,
  INodeType,
  INodeTypeDescription,
  IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';
import { searchBuckets } from '../shared/search-buckets';
import { nextChanges, sampleChanges } from './changes';

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
    polling: true,
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

  async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
    const bucket = this.getNodeParameter('bucket', undefined, { extractValue: true }) as string;
    const range: IDataObject = { bucket, filter: this.getNodeParameter('filter') as string };
    const manual = this.getMode() === 'manual';
    const changes = manual ? await sampleChanges(this, range) : await nextChanges(this, range);
    return changes.length > 0 ? [this.helpers.returnJsonArray(changes)] : null;
  }
}
