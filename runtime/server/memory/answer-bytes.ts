/** Most long answers fit into it. */
const USUAL = 256 * 1024;
const MAX_KEPT = 16;

const free: Buffer[] = [];

/**
 * Room for an answer, with anything in it. Memory that is new costs as much as writing the answer: the system hands it out page by page. So
 * what one answer was sent from is used for another, once `onSent` has called what it was given.
 */
export function answerBytes(size: number, onSent: (release: () => void) => void): Buffer {
  if (size > USUAL) return Buffer.allocUnsafeSlow(size);
  const room = free.pop() ?? Buffer.allocUnsafeSlow(USUAL);
  onSent(() => {
    if (free.length < MAX_KEPT) free.push(room);
  });
  return room.subarray(0, size);
}
