import type { OutputOf } from '../../api/invoke.ts';

/** A version in the list of a script's. */
export type Version = OutputOf<'transform-script-versions'>['versions'][number];
