/** @import { CatalogEntry, Setting } from './types.d.ts' */

/** Type of the node that gathers messages. */
export const BATCH_TYPE = 'kvflow-batch';
/** Most messages that are written at once: what kv-key-put-many takes. */
export const MAX_MESSAGES = 1_000;

/** What kv-key-put can be given that an item of many cannot. */
const ALONE = new Set(['at', 'delay']);

/** @type {Setting[]} */
const SETTINGS = [
  {
    name: 'count',
    label: 'Messages',
    about: `How many messages are written together, 1 to ${MAX_MESSAGES}.`,
    kind: 'number',
    default: 100,
  },
  {
    name: 'seconds',
    label: 'Seconds',
    about: 'How long the first of them waits for others at most.',
    kind: 'number',
    default: 1,
  },
];

/**
 * The node that gathers messages and writes them together. Its fields are those of kv-key-put, as many items may have them.
 * @param {CatalogEntry[]} catalog
 * @returns {CatalogEntry}
 * @throws Error where kv-key-put is not among the functions
 */
export function batchEntry(catalog) {
  const put = catalog.find(({ name }) => name === 'kv-key-put');
  if (!put) throw new Error('manifest.json has no kv-key-put');
  return {
    ...put,
    name: BATCH_TYPE,
    title: 'Put gathered messages',
    about:
      'Gathers messages and writes their items with one call. Each message goes on by itself, with what became of its item, in the order they came. A message with msg.flush is written at once, with all that wait; so are those that wait when the flow stops.',
    fields: put.fields.filter(({ name }) => !ALONE.has(name)),
    settings: SETTINGS,
  };
}
