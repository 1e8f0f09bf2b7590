/** @import { Place } from './types.d.ts' */

/**
 * Follows which changes were handled: a place is reached when everything up to it was.
 * @param {(place: Place) => void} reach is told of places that are reached, in order
 */
export function createAcknowledged(reach) {
  /**
   * In the order they were sent.
   * @type {Map<number, { place: Place, isHandled: boolean }>}
   */
  const open = new Map();
  let last = 0;
  return {
    /**
     * @param {Place} place to go on from once a change that will be sent is handled
     * @returns {number} what to acknowledge it by
     */
    sending(place) {
      open.set(++last, { place, isHandled: false });
      return last;
    },
    /** @param {unknown} id of a change that was handled; any other is not minded */
    handled(id) {
      const change = open.get(Number(id));
      if (!change) return;
      change.isHandled = true;
      /** @type {Place | undefined} */
      let reached;
      for (const [one, { place, isHandled }] of open) {
        if (!isHandled) break;
        open.delete(one);
        reached = place;
      }
      if (reached) reach(reached);
    },
    /** How many are not handled yet, or come after one that is not. */
    waiting: () => open.size,
  };
}
