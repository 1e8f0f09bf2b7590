import { createParser } from 'eventsource-parser';

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
  let events: StreamEvent[] = [];
  const parser = createParser({
    onEvent: ({ id, event = 'message', data }) => events.push({ id, event, data }),
  });
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield { events };
      events = [];
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
