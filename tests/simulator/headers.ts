import type { MsgHdrs, MsgHdrsImpl } from '@nats-io/transport-node';

/** Headers of a message as the server has them: of each name one value. */
export type Headers = ReadonlyMap<string, string>;

/** As a server reads them: who sends them may have them in a form of its own. */
export function readHeaders(sent: MsgHdrs): Headers {
  const { buffer, byteOffset, byteLength } = (sent as MsgHdrsImpl).encode();
  const text = Buffer.from(buffer, byteOffset, byteLength).toString();
  const headers = new Map<string, string>();
  for (let at = text.indexOf('\r\n') + 2, end = 0; at < text.length; at = end + 2) {
    end = text.indexOf('\r\n', at);
    const colon = text.indexOf(':', at);
    if (colon > at && colon < end) headers.set(text.slice(at, colon), text.slice(colon + 1, end).trim());
  }
  return headers;
}

/** What an answer's headers are to kvflow; one prototype for all of them, of which there are many. */
const WRITTEN = {
  headers: new Map() as Headers,
  get(name: string) {
    return this.headers.get(name) ?? '';
  },
  has(name: string) {
    return this.headers.has(name);
  },
  keys() {
    return [...this.headers.keys()];
  },
  values(name: string) {
    return [this.headers.get(name) ?? []].flat();
  },
  *[Symbol.iterator]() {
    for (const [name, value] of this.headers) yield [name, [value]] as [string, string[]];
  },
};

/** As kvflow reads them, with the status of an answer. */
export function writeHeaders(headers: Headers, code = 0, description = ''): MsgHdrs {
  const status = `${code} ${description}`.trim();
  const own = { __proto__: WRITTEN, headers, code, description, hasError: code >= 300, status };
  return own as unknown as MsgHdrs;
}

const NONE: Headers = new Map();

/** A status without anything beside it. */
export function statusHeaders(code: number, description: string): MsgHdrs {
  return writeHeaders(NONE, code, description);
}
