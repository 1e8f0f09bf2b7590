import type { EngineName } from '../engines/engine.ts';

/** Hands over who hears how many bytes came, and who says where the next ones go. */
export type Listen = (came: (bytes: number) => void, place: () => Buffer) => void;

/** A file that the worker was started with open. */
export interface OpenFile {
  fd: number;
  /** Bytes. */
  size: number;
}

/** V8's compiled code of a program, open likewise. */
export interface OpenCode {
  fd: number;
  /** Where it begins: that of the program, and behind it that of the realm. */
  from: number;
  /** Bytes of each. */
  own: number;
  realm: number;
}

/** Choices that a worker is started with. */
export interface WorkerOptions {
  /** Largest single `Buffer` a script may make, in bytes. */
  maxBuffer: number;
  /** Only in tests: frames of kind X run as plain code in this process, as code after an escape would. */
  raw: boolean;
  engine: EngineName;
}

/** What a worker is started with. */
export interface Start {
  options: WorkerOptions;
  /** Stands between the program and the text of the realm. */
  mark: string;
  /** Both, in ASCII, read and closed before anything else is run; undefined where they come from stdin. */
  file?: (OpenFile & { code?: OpenCode }) | undefined;
}

/** What the loader hands to the program. */
export interface Loaded {
  options: WorkerOptions;
  /** The text of the realm, prepared for the engine. */
  realm: string;
  /** V8's compiled code of it, where there is some. */
  realmCode: Buffer | undefined;
  /** Bytes that came after the program. */
  rest: Buffer;
  listen: Listen;
}

/**
 * The first code of a worker: reads the program from a file that it has open, or from stdin, and runs it, so that no file has to be
 * readable. What comes is read to where it is needed, without a buffer for each piece. Sent to the worker as source text: refers to
 * nothing outside itself.
 */
export function runLoader(require: NodeJS.Require, process: NodeJS.Process, start: Start): void {
  const net = require('node:net') as typeof import('node:net');
  const vm = require('node:vm') as typeof import('node:vm');
  const { options, mark, file } = start;
  const kept = file && readOnce([[0, file.size]], file.fd)[0]?.toString('latin1');
  const code = file?.code;
  const [ownCode, realmCode] = code
    ? readOnce(
        [
          [code.from, code.own],
          [code.from + code.own, code.realm],
        ],
        code.fd,
      )
    : [];
  let bytes = Buffer.allocUnsafeSlow(512 * 1024);
  let size = 0;
  let place = (): Buffer => bytes.subarray(size);
  let came = (count: number): void => {
    size += count;
    if (size < 4) return;
    const end = bytes.readUInt32LE(0) + 4;
    // With room for what may follow it.
    if (end > bytes.length) bytes = Buffer.concat([bytes], end + 64 * 1024);
    if (size < end) return;
    const text = kept ?? bytes.toString('utf8', 4, end);
    const rest = bytes.subarray(end, size);
    bytes = Buffer.alloc(0);
    const listen: Listen = (host, room) => {
      came = host;
      place = room;
    };
    const at = text.indexOf(mark);
    const program = { filename: 'kvflow-worker.js', cachedData: ownCode };
    const run = new vm.Script(text.slice(0, at), program).runInThisContext();
    run(require, process, { options, realm: text.slice(at + mark.length), realmCode, rest, listen });
  };
  const onread = {
    buffer: () => place(),
    callback: (count: number) => {
      came(count);
      return true;
    },
  };
  const input = new net.Socket({ fd: 0, writable: false, onread });
  input.on('end', () => process.exit(0));

  /** Parts of a file, each a place and its bytes, which is closed then. Other workers read the same one: each from places of its own. */
  function readOnce(parts: [from: number, size: number][], fd: number): Buffer[] {
    const fs = require('node:fs') as typeof import('node:fs');
    const read = parts.map(([from, size]) => {
      const bytes = Buffer.allocUnsafeSlow(size);
      for (let at = 0; at < size; ) {
        const count = fs.readSync(fd, bytes, at, size - at, from + at);
        if (count === 0) throw new Error('the program of the worker is cut off');
        at += count;
      }
      return bytes;
    });
    fs.closeSync(fd);
    return read;
  }
}
