import type {
  KvBucketCreateInput,
  KvBucketCreateOutput,
  KvBucketListOutput,
  KvKeyGetInput,
  KvKeyGetOutput,
  KvKeyListInput,
  KvKeyListOutput,
  KvKeyPutInput,
  KvKeyPutOutput,
  ListItem,
} from '../../contract/types.gen.ts';
import type { InvokeOptions } from '../../runtime/core/invoke.ts';
import type { TestKvflow } from './kvflow.ts';

/** The five functions with their types; each must work. */
export const calls = {
  create: typed<KvBucketCreateInput, KvBucketCreateOutput>('kv-bucket-create'),
  put: typed<KvKeyPutInput, KvKeyPutOutput>('kv-key-put'),
  get: typed<KvKeyGetInput, KvKeyGetOutput>('kv-key-get'),
  list: typed<KvKeyListInput, KvKeyListOutput>('kv-key-list'),
  buckets: typed<Record<string, never>, KvBucketListOutput>('kv-bucket-list'),
};

/** Called between two pages with the page just read and how many there were; may answer who reads the next one. */
export type BetweenPages = (
  page: KvKeyListOutput,
  count: number,
) => TestKvflow | undefined | Promise<TestKvflow | undefined>;

/** Follows a listing to its end, passing next_seq; a key that is written again meanwhile may come again. */
export function listAll(
  kvflow: TestKvflow,
  input: KvKeyListInput,
  between?: BetweenPages,
): Promise<ListItem[]> {
  const first = { ...input, start_seq: input.start_seq ?? 0 };
  return follow(
    kvflow,
    first,
    ({ has_more, next_seq }) => has_more && { ...input, start_seq: next_seq },
    between,
  );
}

/** Follows a listing to its end by its cursor: every key once, whatever is written meanwhile. */
export function listOnce(
  kvflow: TestKvflow,
  input: KvKeyListInput,
  between?: BetweenPages,
): Promise<ListItem[]> {
  return follow(kvflow, input, ({ cursor }) => cursor !== undefined && { ...input, cursor }, between);
}

async function follow(
  kvflow: TestKvflow,
  first: KvKeyListInput,
  onward: (page: KvKeyListOutput) => KvKeyListInput | false,
  between: BetweenPages = () => undefined,
): Promise<ListItem[]> {
  const items: ListItem[] = [];
  let reader = kvflow;
  let input: KvKeyListInput | false = first;
  for (let pages = 1; input; pages++) {
    const page: KvKeyListOutput = await calls.list(reader, input);
    items.push(...page.items);
    input = onward(page);
    if (input) reader = (await between(page, pages)) ?? reader;
  }
  return items;
}

/** Items as key and value, in the order of keys; a key that is listed twice is here twice. */
export function pairs(items: ListItem[]): [string, string | undefined][] {
  return items
    .map(({ key, value }): [string, string | undefined] => [key, value])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function typed<Input, Output>(name: string) {
  return async (kvflow: TestKvflow, input: Input, options?: InvokeOptions): Promise<Output> =>
    (await kvflow.call(name, input, options)) as Output;
}
