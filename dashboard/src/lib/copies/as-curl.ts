import { writeVisible } from '../visible-json.ts';
import type { CopiedCall } from './copy.ts';
import { isLong, quote, withInput } from './shell.ts';

/** The call as a command of curl, for sh, bash and zsh. The API key comes from the variable KVFLOW_API_KEY. */
export function asCurl({ spec: { name }, input, origin, keysRequired }: CopiedCall): string {
  const body = writeVisible(input);
  const lines = [
    `curl -sS ${quote(`${origin}/functions/${encodeURIComponent(name)}/invocations`)}`,
    ...(keysRequired ? ['-H "authorization: Bearer $KVFLOW_API_KEY"'] : []),
    "-H 'content-type: application/json'",
  ];
  if (isLong(body)) return withInput([...lines, '--data-binary @-'].join(' \\\n  '), body);
  return [...lines, `--data-raw ${quote(body)}`].join(' \\\n  ');
}
