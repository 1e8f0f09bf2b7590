/**
 * Gives the memory of bytes back at once: nobody may read them any more. Left to the garbage collector, memory of streams that bring much
 * piles up until it clears the whole heap for it, and each new piece is memory that the system has to make. Does nothing where they are a
 * part of something larger.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  if (byteLength === buffer.byteLength && buffer instanceof ArrayBuffer && !buffer.detached)
    buffer.transfer(0);
}
