/** How many read what is in a memory, such as writes that are under way. */
const readers = new WeakMap<ArrayBufferLike, number>();

/**
 * Gives the memory of bytes back at once: nobody may read them any more. Left to the garbage collector, memory of streams that bring much
 * piles up until it clears the whole heap for it, and each new piece is memory that the system has to make. Does nothing where they are a
 * part of something larger, or {@link readBytes read}.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  if (byteLength !== buffer.byteLength || isRead(buffer)) return;
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}

/** Whether they are {@link readBytes read}. */
export function isRead(buffer: ArrayBufferLike): boolean {
  return readers.has(buffer);
}

/** Says that bytes are read, until the answer is called: the system reads what it writes by its address, whoever gave it back. */
export function readBytes({ buffer }: Uint8Array): () => void {
  readers.set(buffer, (readers.get(buffer) ?? 0) + 1);
  return () => {
    const left = (readers.get(buffer) ?? 0) - 1;
    if (left > 0) readers.set(buffer, left);
    else readers.delete(buffer);
  };
}
