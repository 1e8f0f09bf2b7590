/** Splits a byte stream into length-prefixed frames. */
export interface FrameReader {
  /** Feeds bytes. False when the other side broke the protocol: nothing more must be fed. */
  feed(chunk: Buffer): boolean;
}

/** A frame of this kind is wanted as bytes alone: it is never decoded here. */
export const BYTES_ONLY = 'L';

/** Takes a frame, its text also as the bytes it came as, which are read no more afterwards. False: it is none. */
export type OnFrame = (kind: string, text: string, bytes?: Buffer) => boolean;

/** A frame: four bytes of length, one of kind, its text; all but the last bytes of that, of which `more` follow. */
export function frameOf(kind: string, text: string, more = 0): Buffer {
  const size = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(5 + size);
  frame.writeUInt32LE(1 + size + more);
  frame.write(kind, 4, 'latin1');
  frame.write(text, 5);
  return frame;
}

/** Bytes of the place that pieces of a frame are put together in, unless a frame needs more. */
const USUAL = 256 * 1024;
const NOTHING = Buffer.alloc(0);

/** The length is checked against `cap` as soon as its four bytes are there, before anything is kept for it. */
export function createFrameReader(cap: number, onFrame: OnFrame): FrameReader {
  /** One place for the pieces of all frames: a new one for each would cost more than they do. */
  let place: Buffer = NOTHING;
  let size = 0;
  let wanted = 0;

  /** Length of the frame at the start of `bytes` with its prefix, 0 when unknown yet, -1 when out of bounds. */
  const lengthOf = (bytes: Buffer): number => {
    if (bytes.length < 4) return 0;
    const length = bytes.readUInt32LE(0);
    return length < 1 || length > cap ? -1 : length + 4;
  };
  const append = (bytes: Buffer): void => {
    if (place.length < size + bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(USUAL, 2 * place.length, size + bytes.length));
      place.copy(larger, 0, 0, size);
      place = larger;
    }
    bytes.copy(place, size);
    size += bytes.length;
  };
  /** What was not used yet waits for its rest. */
  const keep = (bytes: Buffer): void => {
    size = 0;
    if (bytes.length > 0) append(bytes);
    else if (place.length > USUAL) place = NOTHING;
  };

  return {
    feed(chunk) {
      let bytes = chunk;
      if (size > 0) {
        append(chunk);
        if (size < wanted) return true;
        bytes = place.subarray(0, size);
      }
      for (wanted = lengthOf(bytes); wanted > 0 && bytes.length >= wanted; wanted = lengthOf(bytes)) {
        const kind = bytes.toString('latin1', 4, 5);
        const text = kind === BYTES_ONLY ? '' : bytes.toString('utf8', 5, wanted);
        if (!onFrame(kind, text, bytes.subarray(5, wanted))) return false;
        bytes = bytes.subarray(wanted);
      }
      keep(bytes);
      return wanted >= 0;
    },
  };
}
