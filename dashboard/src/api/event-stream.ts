/** One Server-Sent Event. */
export interface StreamEvent {
  id: string | undefined;
  event: string;
  data: string;
}

/** What was read so far of a stream: whole events, and that the server is alive even where there were none. */
export interface StreamChunk {
  events: StreamEvent[];
}

/** Reads a response's body as Server-Sent Events, all that came together at once. Comments make empty chunks. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamChunk> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      yield { events: blocks.map(parse).filter(event => event !== undefined) };
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parse(block: string): StreamEvent | undefined {
  let id: string | undefined;
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (name === 'id') id = value;
    else if (name === 'event') event = value;
    else if (name === 'data') data.push(value);
  }
  return data.length > 0 ? { id, event, data: data.join('\n') } : undefined;
}
