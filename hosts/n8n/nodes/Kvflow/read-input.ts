import type { IDataObject, IExecuteFunctions, ResourceMapperValue } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import type { Field } from './field';
import { storedBytes, toStored } from './values';

const NS_PER_SECOND = 1e9;

/** A function's input from the parameters of one item, and its binary data. Throws NodeOperationError for text that is no JSON. */
export async function readInput(
  node: IExecuteFunctions,
  fields: Field[],
  itemIndex: number,
): Promise<IDataObject> {
  const options = node.getNodeParameter('options', itemIndex, {}) as IDataObject;
  const input: IDataObject = {};
  for (const field of fields) {
    const { name, required } = field;
    if (field.kind === 'value' && required && isMapped(node, itemIndex)) {
      input[name] = mappedValue(node, itemIndex);
      continue;
    }
    const value = required
      ? node.getNodeParameter(name, itemIndex, undefined, { extractValue: true })
      : options[name];
    if (value === undefined || (!required && value === '')) continue;
    input[name] = convert(node, field, { value, itemIndex }) as IDataObject;
  }
  const { inputBinaryField: binary } = options;
  if (binary) Object.assign(input, await storedBytes(node, itemIndex, String(binary)));
  return input;
}

/** Nodes of older workflows have no such parameter. */
function isMapped(node: IExecuteFunctions, itemIndex: number): boolean {
  return node.getNodeParameter('valueFrom', itemIndex, 'value') === 'fields';
}

/** An object of the fields that were mapped, or of the item as it is. Fields that are left empty are left out. */
function mappedValue(node: IExecuteFunctions, itemIndex: number): IDataObject {
  const { mappingMode, value } = node.getNodeParameter('valueFields', itemIndex, {}) as ResourceMapperValue;
  if (mappingMode === 'autoMapInputData') return node.getInputData()[itemIndex]?.json ?? {};
  const given = Object.entries(value ?? {}).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(given);
}

function convert(
  node: IExecuteFunctions,
  { name, kind }: Field,
  { value, itemIndex }: { value: unknown; itemIndex: number },
): unknown {
  if (kind === 'duration') return Math.round(Number(value) * NS_PER_SECOND);
  if (kind === 'value') return toStored(value);
  if (kind !== 'json' || typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    const message = `${name} is not valid JSON: ${(error as Error).message}`;
    throw new NodeOperationError(node.getNode(), message, { itemIndex });
  }
}
