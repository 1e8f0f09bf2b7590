import { usePermission } from '../../api/access.ts';
import { type InputOf, invoke, type OutputOf } from '../../api/invoke.ts';
import { type Older, useOlder } from '../../hooks/use-older.ts';

/** Asked again so often while little of it is shown. */
const REFRESH_MS = 4_000;

type Lists =
  | 'identify-visitor-list'
  | 'identify-event-list'
  | 'identify-change-list'
  | 'identify-pending-list';

/** What identify keeps in a bucket, of all namespaces unless one is named. */
export function useListed<const Name extends Lists, Row>(
  name: Name,
  bucket: string,
  rowsOf: (answer: OutputOf<Name>) => Row[],
  input: Partial<InputOf<Name>> = {} as Partial<InputOf<Name>>,
): Older<Row> {
  const { reason } = usePermission(name, bucket);
  return useOlder<Row>(
    [name, bucket, input],
    async (cursor, signal) => {
      const all = 'namespace' in input ? {} : { all_namespaces: true };
      const page = { bucket, ...all, ...(typeof cursor === 'string' && { cursor }), ...input };
      const answer = await invoke(name, page as InputOf<Name>, { signal });
      return { rows: rowsOf(answer), next: (answer as { cursor?: string }).cursor };
    },
    { refused: reason, everyMs: REFRESH_MS },
  );
}
