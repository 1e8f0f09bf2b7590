import type {
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  INodeType,
  INodeTypeDescription,
} from 'n8n-workflow';
import { NodeApiError, NodeConnectionTypes, NodeOperationError } from 'n8n-workflow';
import type { Envelope } from '../shared/invoke';
import { dataOf } from '../shared/invoke';
import type { FunctionCall } from '../shared/invoke-many';
import { invokeMany } from '../shared/invoke-many';
import { searchBuckets } from '../shared/search-buckets';
import { getValueFields } from '../shared/value-fields';
import { fields } from './built/fields';
import { properties } from './built/properties';
import { readInput } from './read-input';
import { asBinary, withUsableValues } from './values';

const MISSING = 'KEY_NOT_FOUND';
/** Answers of false here leave by the second output, where there is one. */
const NOTHING = ['found', 'acquired', 'taken'];
const OUTPUTS = `={{ $parameter["options"]?.["onMissing"] === "output" ? [{ type: "main" }, { type: "main", displayName: "otherwise" }] : [{ type: "main" }] }}`;

type Answer = Pick<INodeExecutionData, 'json' | 'binary'>;

/** Every function of kvflow as an operation. */
export class Kvflow implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'kvflow',
    name: 'kvflow',
    icon: { light: 'file:../../icons/kvflow.svg', dark: 'file:../../icons/kvflow.dark.svg' },
    group: ['transform'],
    // From 2 on values are what a workflow uses, unless the option JSON says otherwise; 1 has text.
    version: [1, 2],
    defaultVersion: 2,
    subtitle: '={{$parameter["operation"]}}',
    description: 'Key-value functions on NATS JetStream: put, get, count, list and more',
    defaults: { name: 'kvflow' },
    usableAsTool: true,
    inputs: [NodeConnectionTypes.Main],
    outputs: OUTPUTS,
    credentials: [{ name: 'kvflowApi', required: true }],
    properties,
  };

  methods = { listSearch: { searchBuckets }, resourceMapping: { getValueFields } };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const answers: INodeExecutionData[] = [];
    const others: INodeExecutionData[] = [];
    const splits = onMissing(this, 0) === 'output';
    for (const [item, outcome] of (await runItems(this)).entries()) {
      try {
        const answer = await answerOf(this, outcome, item);
        const isNothing = splits && NOTHING.some(name => answer.json[name] === false);
        (isNothing ? others : answers).push({ ...answer, pairedItem: { item } });
      } catch (error) {
        if (this.continueOnFail()) {
          answers.push({ json: describe(error as Error, outcome), pairedItem: { item } });
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

/** What became of an item: kvflow's answer, or why it was not asked. */
type Outcome = Envelope | Error;

/** Reads all items, then calls kvflow with those that can be read, by batches. */
async function runItems(node: IExecuteFunctions): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const calls: FunctionCall[] = [];
  const places: number[] = [];
  for (let item = 0; item < node.getInputData().length; item++) {
    try {
      const name = node.getNodeParameter('operation', item) as string;
      calls.push({ function: name, input: await readInput(node, fields[name] ?? [], item) });
      places.push(item);
    } catch (error) {
      // Nothing of what comes after a failure is done, unless the node is to go on.
      outcomes[item] = error as Error;
      if (!node.continueOnFail()) break;
    }
  }
  try {
    const envelopes = await invokeMany(node, calls);
    for (const [index, item] of places.entries()) outcomes[item] = envelopes[index] as Envelope;
  } catch (error) {
    for (const item of places) outcomes[item] = error as Error;
  }
  return outcomes;
}

async function answerOf(node: IExecuteFunctions, outcome: Outcome, item: number): Promise<Answer> {
  if (outcome instanceof Error) throw outcome;
  if (outcome.error?.code === MISSING && ['answer', 'output'].includes(onMissing(node, item))) {
    return { json: { found: false, ...outcome.error.details } };
  }
  const data = dataOf(node, outcome, item);
  const { outputBinaryField: field, json } = optionsOf(node, item);
  if (field && 'value' in data) return await asBinary(node, data, String(field));
  const isAutomatic = node.getNode().typeVersion >= 2 && json === undefined;
  return { json: isAutomatic ? withUsableValues(data) : data };
}

function onMissing(node: IExecuteFunctions, item: number): string {
  return String(optionsOf(node, item).onMissing ?? '');
}

function optionsOf(node: IExecuteFunctions, item: number): IDataObject {
  return node.getNodeParameter('options', item, {}) as IDataObject;
}

function describe(error: Error, outcome: Outcome): IDataObject {
  const { description } = error as { description?: string | null };
  const { code, retryable } = (outcome instanceof Error ? undefined : outcome.error) ?? {};
  return { error: error.message, ...(description && { description }), ...(code && { code, retryable }) };
}
