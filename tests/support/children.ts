import { join } from 'node:path';

/** The programs of this folder that tests start as processes of their own. */
export const CHILDREN = [
  'backup-child',
  'changes-child',
  'identify-child',
  'jobs-child',
  'list-child',
  'transfer-child',
] as const;

export type Child = (typeof CHILDREN)[number];

/** The file to start it by: bundled once for all tests where tests/support/bundled-start.ts has done so, else its source. */
export function childPath(name: Child): string {
  const { KVFLOW_TEST_CHILDREN: folder } = process.env;
  return folder ? join(folder, `${name}.mjs`) : join(import.meta.dirname, `${name}.ts`);
}
