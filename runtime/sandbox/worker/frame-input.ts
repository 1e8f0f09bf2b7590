/** Puts frames together out of what is read. */
export interface FrameInput {
  /** Where the next bytes are to be read to. */
  room(): Buffer;
  /** So many were read to there. */
  came(count: number): void;
}

/** Who hears of frames. */
export interface FrameListener {
  onFrame(kind: string, text: string): void;
  /** All frames that had come were handed over, and there were some. */
  onEnd(): void;
}

/** Most frames fit into what is there. */
const USUAL = 256 * 1024;
const MIN_READ = 64 * 1024;

/** What comes is read to where its frame is put together. `first`: bytes that have come already. */
export function createFrameInput(first: number, { onFrame, onEnd }: FrameListener): FrameInput {
  let bytes = Buffer.allocUnsafeSlow(Math.max(USUAL, first + MIN_READ));
  let size = 0;

  const endOfFrame = (at: number): number =>
    size - at < 4 ? Number.POSITIVE_INFINITY : at + 4 + bytes.readUInt32LE(at);
  return {
    room() {
      if (bytes.length - size < MIN_READ) {
        const larger = Buffer.allocUnsafeSlow(2 * bytes.length);
        bytes.copy(larger, 0, 0, size);
        bytes = larger;
      }
      return bytes.subarray(size);
    },
    came(count) {
      size += count;
      let at = 0;
      for (let end = endOfFrame(at); end <= size; end = endOfFrame(at)) {
        onFrame(bytes.toString('latin1', at + 4, at + 5), bytes.toString('utf8', at + 5, end));
        at = end;
      }
      if (at === 0) return;
      const rest = bytes.subarray(at, size);
      if (bytes.length > USUAL && rest.length <= USUAL - MIN_READ) bytes = Buffer.allocUnsafeSlow(USUAL);
      size = rest.copy(bytes);
      onEnd();
    },
  };
}
