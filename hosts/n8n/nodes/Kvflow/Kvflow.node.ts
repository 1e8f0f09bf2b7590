import type {
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  INodeType,
  INodeTypeDescription,
} from 'n8n-workflow';
import { NodeApiError, NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';
import { dataOf, invoke } from '../shared/invoke';
import { searchBuckets } from '../shared/search-buckets';
import { fields } from './generated/fields';
import { properties } from './generated/properties';
import { readInput } from './read-input';

const MISSING = 'KEY_NOT_FOUND';
/** Answers of false here leave by the second output, where there is one. */
const NOTHING = ['found', 'acquired', 'taken'];
const OUTPUTS = `={{ $parameter["options"]?.["onMissing"] === "output" ? [{ type: "main" }, { type: "main", displayName: "otherwise" }] : [{ type: "main" }] }}`;

/** Every function of kvflow as an operation. */
export class Kvflow implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'kvflow',
    name: 'kvflow',
    icon: { light: 'file:../../icons/kvflow.svg', dark: 'file:../../icons/kvflow.dark.svg' },
    group: ['transform'],
    version: 1,
    subtitle: '={{$parameter["operation"]}}',
    description: 'Key-value functions on NATS JetStream: put, get, count, list and more',
    defaults: { name: 'kvflow' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: OUTPUTS,
    credentials: [{ name: 'kvflowApi', required: true }],
    properties,
  };

  methods = { listSearch: { searchBuckets } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const answers: INodeExecutionData[] = [];
    const others: INodeExecutionData[] = [];
    const splits = onMissing(this, 0) === 'output';
    for (let item = 0; item < this.getInputData().length; item++) {
      try {
        const json = await run(this, item);
        const isNothing = splits && NOTHING.some(name => json[name] === false);
        (isNothing ? others : answers).push({ json, pairedItem: { item } });
      } catch (error) {
        if (this.continueOnFail()) {
          answers.push({ json: describe(error as Error), pairedItem: { item } });
          continue;
        }
        if (error instanceof NodeApiError)
          throw new NodeApiError(this.getNode(), error as never, { itemIndex: item });
        throw new NodeOperationError(this.getNode(), error as Error, { itemIndex: item });
      }
    }
    return splits ? [answers, others] : [answers];
  }
}

async function run(node: IExecuteFunctions, item: number): Promise<IDataObject> {
  const name = node.getNodeParameter('operation', item) as string;
  const envelope = await invoke(node, name, readInput(node, fields[name] ?? [], item));
  if (envelope.error?.code === MISSING && ['answer', 'output'].includes(onMissing(node, item))) {
    return { found: false, ...envelope.error.details };
  }
  return dataOf(node, envelope, item);
}

function onMissing(node: IExecuteFunctions, item: number): string {
  const options = node.getNodeParameter('options', item, {}) as IDataObject;
  return String(options.onMissing ?? '');
}

function describe(error: Error): IDataObject {
  const { description } = error as { description?: string | null };
  return { error: error.message, ...(description && { description }) };
}
