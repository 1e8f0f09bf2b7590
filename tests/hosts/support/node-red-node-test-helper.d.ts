/** What of the helper is used; it brings no types. */
declare module 'node-red-node-test-helper' {
  import type { EventEmitter } from 'node:events';

  export interface TestNode extends EventEmitter {
    receive(msg: Record<string, unknown>): void;
    context(): { set(key: string, value: unknown): void; flow: { set(key: string, value: unknown): void } };
  }

  interface Helper {
    readonly _events: EventEmitter;
    readonly _redNodes: { setFlows(flow: object[], credentials: object, type: 'full'): Promise<void> };
    init(runtimePath: string, userSettings?: object): void;
    load(pack: unknown, flow: object[], credentials?: object): Promise<void>;
    getNode(id: string): TestNode;
    unload(): Promise<void>;
    startServer(): Promise<void>;
    stopServer(): Promise<void>;
    request(): { get(path: string): Promise<{ status: number; body: unknown }> };
  }

  const helper: Helper;
  export default helper;
}
