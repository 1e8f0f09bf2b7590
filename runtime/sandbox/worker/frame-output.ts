/** Writes frames: four bytes of length, then a text whose first character is their kind. */
export interface FrameOutput {
  write(text: string): void;
  /** A text, and behind it a list of JSON that comes in parts, each a list by itself, until there is an empty one. */
  writeList(text: string, part: () => string): void;
}

/** Most frames fit into what is there. */
const USUAL = 256 * 1024;
const HEAD = 4;
/** The most bytes that a character takes. */
const WIDEST = 3;
const COMMA = 0x2c;

/** `send` writes bytes from a place on, and answers how many. */
export function createFrameOutput(send: (bytes: Buffer, from: number) => number): FrameOutput {
  const usual = Buffer.alloc(USUAL);
  let frame = usual;
  let size = HEAD;

  const add = (text: string, from = size): void => {
    const most = from + WIDEST * text.length;
    if (most > frame.length) {
      const larger = Buffer.allocUnsafe(2 * most);
      frame.copy(larger, 0, 0, size);
      frame = larger;
    }
    size = from + frame.write(text, from);
  };
  const end = (): void => {
    frame.writeUInt32LE(size - HEAD);
    const bytes = frame.subarray(0, size);
    for (let at = 0; at < size; ) at += send(bytes, at);
    frame = usual;
    size = HEAD;
  };
  return {
    write(text) {
      add(text);
      end();
    },
    writeList(text, part) {
      add(text);
      const start = size;
      for (let more = part(); more !== ''; more = part()) {
        // One list of both: a comma stands where one ended and the other began.
        const joint = size - 1;
        add(more, size === start ? start : joint);
        if (joint >= start) frame[joint] = COMMA;
      }
      end();
    },
  };
}
