import { writeVisible } from '../visible-json.ts';
import type { CopiedCall } from './copy.ts';

/** The call with @kvflow/client. The API key comes from the variable KVFLOW_API_KEY. */
export function asTypeScript({ spec: { name }, input, origin, keysRequired }: CopiedCall): string {
  const method = name.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());
  const key = keysRequired ? ', apiKey: process.env.KVFLOW_API_KEY' : '';
  return [
    "import { createClient } from '@kvflow/client';",
    '',
    `const kvflow = createClient({ url: ${JSON.stringify(origin)}${key} });`,
    `await kvflow.${method}(${writeVisible(input, 2)});`,
  ].join('\n');
}
