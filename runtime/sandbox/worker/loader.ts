import type { EngineName } from '../engines/engine.ts';

/** Hands over who hears how many bytes came, and who says where the next ones go. */
export type Listen = (came: (bytes: number) => void, place: () => Buffer) => void;

/** A file that the worker was started with open. */
export interface OpenFile {
  fd: number;
  /** Bytes. */
  size: number;
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
  /** Both, read and closed before anything else is run; undefined where they come from stdin. */
  file?: OpenFile | undefined;
}

/** What the loader hands to the program. */
export interface Loaded {
  options: WorkerOptions;
  /** The text of the realm, prepared for the engine. */
  realm: string;
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
  const kept = file && textOf(file);
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
    const run = vm.runInThisContext(text.slice(0, at), { filename: 'kvflow-worker.js' });
    run(require, process, { options, realm: text.slice(at + mark.length), rest, listen });
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

  /** Other workers read the same file: each from places of its own. */
  function textOf({ fd, size }: OpenFile): string {
    const fs = require('node:fs') as typeof import('node:fs');
    const text = Buffer.allocUnsafeSlow(size);
    for (let at = 0; at < size; ) {
      const count = fs.readSync(fd, text, at, size - at, at);
      if (count === 0) throw new Error('the program of the worker is cut off');
      at += count;
    }
    fs.closeSync(fd);
    return text.toString('utf8');
  }
}
