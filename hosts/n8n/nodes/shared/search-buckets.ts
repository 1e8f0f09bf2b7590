import type { ILoadOptionsFunctions, INodeListSearchResult } from 'n8n-workflow';
import { dataOf, invoke } from './invoke';

/** Buckets for the list of a bucket field. */
export async function searchBuckets(
  this: ILoadOptionsFunctions,
  filter = '',
): Promise<INodeListSearchResult> {
  const data = dataOf(this, await invoke(this, 'kv-bucket-list', {}));
  const buckets = data.buckets as { bucket: string }[];
  const names = buckets.map(({ bucket }) => bucket).filter(name => name.includes(filter));
  return { results: names.map(name => ({ name, value: name })) };
}
