import { read } from 'node:fs';
import { Readable } from 'node:stream';
import { freeBytes, isRead } from '../../core/free-bytes.ts';

/**
 * A file is read in large pieces: a system call for every 64 KB, as Node reads, is a fifth of the time of a large one. Two of the pieces that
 * lines are passed on in (`lines.ts`) and a little less, so that there is no small third one.
 */
const ROOM_BYTES = 228 * 1024;
const MAX_FREE = 4;

const free: Buffer[] = [];
const rooms = new WeakSet<ArrayBufferLike>();

/**
 * An open file from where it stands, in memory that was {@link giveBack given back}. In new memory for each piece the system makes every page
 * anew, and V8 clears its whole heap each time that some megabytes of it have come together.
 */
export function readOpenFile(fd: number): Readable {
  return new Readable({
    highWaterMark: ROOM_BYTES,
    read() {
      const room = free.pop() ?? newRoom();
      read(fd, room, 0, ROOM_BYTES, null, (error, count) => {
        if (error) this.destroy(error);
        else this.push(count > 0 ? room.subarray(0, count) : null);
      });
    },
  });
}

/** Says that nobody reads what a stream brought in this memory any more. */
export function giveBack(buffer: ArrayBufferLike): void {
  if (!rooms.has(buffer)) freeBytes(Buffer.from(buffer));
  else if (free.length < MAX_FREE && !isRead(buffer)) free.push(Buffer.from(buffer));
}

function newRoom(): Buffer {
  const room = Buffer.allocUnsafeSlow(ROOM_BYTES);
  rooms.add(room.buffer);
  return room;
}
