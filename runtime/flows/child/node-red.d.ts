/** What of Node-RED's embedding API is used; the package brings no types. */
declare module 'node-red' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface NodeRed {
    /** `server` is listened to for `upgrade`, by which the editor opens its WebSocket. */
    init(server: EventEmitter, settings: Record<string, unknown>): void;
    start(): Promise<void>;
    stop(): Promise<void>;
    /** Throws before `init`. */
    readonly httpAdmin: (request: IncomingMessage, response: ServerResponse) => void;
    readonly httpNode: (request: IncomingMessage, response: ServerResponse) => void;
    readonly events: EventEmitter;
    readonly nodes: { getNode(id: string): EventEmitter & { receive(msg: object): void } };
  }

  const nodeRed: NodeRed;
  export default nodeRed;
}
