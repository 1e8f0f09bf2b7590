import { freePort } from './free-port.ts';
import type { TestNats } from './nats.ts';
import { startNats } from './nats.ts';

/** What a server has done for its clients. */
export interface Work {
  /** Requests and acknowledgements that came in. */
  received: number;
  /** Messages that went out. */
  sent: number;
  bytesSent: number;
}

/** A server that counts: work is compared by messages and bytes, which do not depend on how busy the machine is. */
export interface MonitoredNats extends TestNats {
  /** What it has done since this was asked before. */
  workSince(): Promise<Work>;
  /** Connections that are open: of one that is not among them all is read. */
  clients(): Promise<number>;
}

/** Starts a server with its monitoring port open. */
export async function startMonitored(): Promise<MonitoredNats> {
  const monitor = await freePort();
  const server = await startNats({ extra: `http: "127.0.0.1:${monitor}"` });
  let before: Work = { received: 0, sent: 0, bytesSent: 0 };
  return { ...server, workSince, clients: async () => (await counts()).connections ?? 0 };

  async function counts(): Promise<Record<string, number>> {
    const answer = await fetch(`http://127.0.0.1:${monitor}/varz`);
    return (await answer.json()) as Record<string, number>;
  }

  async function workSince(): Promise<Work> {
    const { in_msgs = 0, out_msgs = 0, out_bytes = 0 } = await counts();
    const last = before;
    before = { received: in_msgs, sent: out_msgs, bytesSent: out_bytes };
    return {
      received: in_msgs - last.received,
      sent: out_msgs - last.sent,
      bytesSent: out_bytes - last.bytesSent,
    };
  }
}
