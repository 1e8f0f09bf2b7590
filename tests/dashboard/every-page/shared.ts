/** What parts of every-page.test.ts share. */
export const LANES = 3;

export const KEEPS = 'await $kv.set($.u, $, { ttlMs: 600000 })\nreturn $';
