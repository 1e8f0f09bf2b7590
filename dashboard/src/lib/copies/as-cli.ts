import { writeVisible } from '../visible-json.ts';
import type { CopiedCall } from './copy.ts';
import { isLong, quote, withInput } from './shell.ts';

/** The call as a command of kvflow, on the NATS that kvflow works on. */
export function asCli({ spec: { name }, input }: CopiedCall): string {
  const text = writeVisible(input);
  return isLong(text) ? withInput(`kvflow invoke ${name} -`, text) : `kvflow invoke ${name} ${quote(text)}`;
}
