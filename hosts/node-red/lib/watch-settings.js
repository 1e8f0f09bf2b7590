/** @import { Setting } from './types.d.ts' */

/** Where a new watch keeps its place. */
export const PLACES_BUCKET = 'node_red_places';

/**
 * What the editor asks of a watch beside the input of its function.
 * @type {Setting[]}
 */
export const WATCH_SETTINGS = [
  {
    name: 'places',
    label: 'Keep place in',
    about:
      'Bucket that remembers how far the node has come, so that nothing is missed while Node-RED is stopped. Empty: a restart begins as "Start" says.',
    kind: 'text',
    default: PLACES_BUCKET,
  },
  {
    name: 'acknowledge',
    label: 'Acknowledge',
    about:
      'A change counts as handled once it was sent, or once its message comes back to the input of this node. What is not handled is sent again after a restart.',
    kind: 'choice',
    default: 'sent',
    choices: [
      { value: 'sent', label: 'when sent' },
      { value: 'returned', label: 'when it comes back' },
    ],
  },
];
