/** What benchmarks of `transform` run over, and what they run. */
export const SCRIPT = 'return {...$, kind: $.event_type + 1}';
/** Events of a call. */
export const BATCH = 100;

/** Events of about 1 KB. */
export const EVENTS = Array.from({ length: BATCH }, (_, id) => ({
  event_type: 'page',
  id,
  user: { email: 'someone@example.com', name: 'n'.repeat(100) },
  ctx: {
    url: 'https://example.com/a/b?c=d',
    agent: 'Mozilla/5.0 '.repeat(10),
    list: [1, 2, 3, 4, 5, 6, 7, 8],
  },
  pad: 'p'.repeat(600),
}));
/** Each as JSON. */
export const TEXTS = EVENTS.map(event => JSON.stringify(event));
/** All as lines. */
export const NDJSON = TEXTS.map(text => `${text}\n`).join('');
