import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';

/** What kvflow stores of a value of an item: scalars become JSON text, dates ISO text; objects, lists and text go as they are. */
export function toStored(value: unknown): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'bigint') return String(value);
  // Of expressions: n8n gives dates as Luxon's.
  const { toISO } = (value ?? {}) as { toISO?: () => string };
  if (typeof toISO === 'function') return toISO.call(value);
  return value instanceof Date ? value.toISOString() : value;
}

/** The bytes of an item's binary field, as kvflow takes them. */
export async function storedBytes(
  node: IExecuteFunctions,
  itemIndex: number,
  field: string,
): Promise<IDataObject> {
  node.helpers.assertBinaryData(itemIndex, field);
  const bytes = await node.helpers.getBinaryDataBuffer(itemIndex, field);
  return { value: bytes.toString('base64'), encoding: 'base64' };
}

/** An answer with its values as a workflow uses them: JSON parsed, everything else as it is. */
export function withUsableValues(data: IDataObject): IDataObject {
  const { items } = data;
  if (Array.isArray(items)) return { ...data, items: (items as IDataObject[]).map(usable) };
  return usable(data);
}

/** An answer whose value is a file instead: the item's JSON has the rest. */
export async function asBinary(
  node: IExecuteFunctions,
  { value, encoding, ...json }: IDataObject,
  field: string,
): Promise<{ json: IDataObject; binary: Record<string, IBinaryData> }> {
  const bytes = Buffer.from(String(value), encoding === 'base64' ? 'base64' : 'utf8');
  // n8n finds the type by the name.
  const name = String(json.key ?? field).replace(/.*\//, '');
  return { json, binary: { [field]: await node.helpers.prepareBinaryData(bytes, name) } };
}

function usable(item: IDataObject): IDataObject {
  const { value } = item;
  if (typeof value !== 'string' || item.encoding === 'base64') return item;
  return { ...item, value: fromText(value) as IDataObject };
}

/** Numbers that JavaScript would change, such as long ids and `007`, stay text. */
function fromText(text: string): unknown {
  if (!/^\s*[[{\d\-tfn]/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}
