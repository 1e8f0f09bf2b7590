/**
 * Each message of a commit carries one guard. Where more keys were read than are written, delete markers of this key carry
 * the others. Calls that name it are refused, and readers of ours leave it out; to other clients it is a deleted key.
 */
export const GUARD_KEY = '_kvflow/guard';
