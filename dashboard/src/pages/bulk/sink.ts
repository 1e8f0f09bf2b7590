/** Where an export goes. */
export interface Sink {
  /** Name of the file, as it was chosen or will be offered. */
  name: string;
  write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  /** All of it is there. */
  close(): Promise<void>;
  /** It broke off: nothing half is left behind. */
  abort(): Promise<void>;
}

/** What we use of the File System Access API, which not every browser has. */
interface Picker {
  showSaveFilePicker?: (options: {
    suggestedName: string;
    types: { description: string; accept: Record<string, string[]> }[];
  }) => Promise<FileSystemFileHandle>;
}

/** Chunks that are made into one blob, which the browser may put on the disk. */
const TOGETHER = 8 * 1024 * 1024;

/**
 * Asks where to write, where the browser can write to a file while it comes; elsewhere the file is gathered in the
 * browser, which keeps large ones on the disk, and downloaded when it is whole. Undefined: the person has changed their
 * mind. To be called right at a click, or the browser refuses.
 */
export async function openSink(name: string): Promise<Sink | undefined> {
  const { showSaveFilePicker } = globalThis as Picker;
  if (!showSaveFilePicker) return gathered(name);
  try {
    const types = [{ description: 'Lines of JSON', accept: { 'application/x-ndjson': ['.ndjson'] } }];
    const handle = await showSaveFilePicker({ suggestedName: name, types });
    return await streamed(handle);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    // Not allowed here, such as in a frame: the other way is.
    return gathered(name);
  }
}

async function streamed(handle: FileSystemFileHandle): Promise<Sink> {
  const file = await handle.createWritable();
  return {
    name: handle.name,
    write: chunk => file.write(chunk),
    close: () => file.close(),
    abort: () => file.abort(),
  };
}

function gathered(name: string): Sink {
  const blobs: Blob[] = [];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  return {
    name,
    write: async chunk => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= TOGETHER) gather();
    },
    close: async () => {
      gather();
      download(new Blob(blobs, { type: 'application/x-ndjson' }), name);
    },
    abort: async () => {
      blobs.length = 0;
      chunks = [];
    },
  };

  function gather(): void {
    blobs.push(new Blob(chunks));
    chunks = [];
    bytes = 0;
  }
}

/** Offers a blob as a download. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
