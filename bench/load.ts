/**
 * Sends requests on keep-alive connections, the next one on each as soon as the last is answered. Over plain sockets: on the two
 * processors of a small machine node:http's client takes a third of what the server takes whose speed is measured.
 */
import { connect } from 'node:net';
import type { Load } from './http.ts';

const HEAD_END = '\r\n\r\n';
/** An answer whose length its head does not tell ends so. */
const LAST_CHUNK = '0\r\n\r\n';
/** Longer heads there are none here. */
const MAX_HEAD = 4096;
const ROOM = 256 * 1024;

process.on('message', async (load: Load) => {
  try {
    await run(load);
    process.send?.({});
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.send?.({});

async function run({ url, body, requests, connections }: Load): Promise<void> {
  const { hostname, port, pathname, host } = new URL(url);
  const all = [body].flat().map(text => {
    const payload = Buffer.from(text);
    const lines = [
      `POST ${pathname} HTTP/1.1`,
      `host: ${host}`,
      'content-type: application/json',
      `content-length: ${payload.length}`,
    ];
    return Buffer.concat([Buffer.from(lines.join('\r\n') + HEAD_END), payload]);
  });
  let sent = 0;
  const next = (): Buffer | undefined => (sent < requests ? all[sent++ % all.length] : undefined);
  const to = { host: hostname, port: Number(port) };
  await Promise.all(Array.from({ length: connections }, () => sendAll(to, next)));
}

/** On one connection, one after the other. */
function sendAll(to: { host: string; port: number }, next: () => Buffer | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let isPast = createAnswer();
    const room = Buffer.allocUnsafeSlow(ROOM);
    const callback = (size: number): boolean => {
      try {
        if (isPast(room.subarray(0, size))) go();
      } catch (error) {
        socket.destroy();
        reject(error);
      }
      return true;
    };
    const socket = connect({ ...to, noDelay: true, onread: { buffer: room, callback } });
    const go = (): void => {
      const request = next();
      isPast = createAnswer();
      if (request) socket.write(request);
      else socket.end(resolve);
    };
    socket.on('connect', go).on('error', reject);
    socket.on('close', () => reject(new Error('the server closed the connection')));
  });
}

/** Takes pieces of one answer; whether it has come to its end. Throws where its status is not 200. */
function createAnswer(): (piece: Buffer) => boolean {
  let head: string | undefined = '';
  let left = 0;
  let tail = '';
  return piece => {
    let from = 0;
    if (head !== undefined) {
      const before = head.length;
      head += piece.toString('latin1', 0, MAX_HEAD);
      const end = head.indexOf(HEAD_END);
      if (end < 0) return false;
      if (!head.startsWith('HTTP/1.1 200')) throw new Error(head);
      left = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
      from = end + HEAD_END.length - before;
      head = undefined;
    }
    left -= piece.length - from;
    if (!Number.isNaN(left)) return left === 0;
    tail = (tail + piece.toString('latin1', Math.max(from, piece.length - LAST_CHUNK.length))).slice(
      -LAST_CHUNK.length,
    );
    return tail === LAST_CHUNK;
  };
}
