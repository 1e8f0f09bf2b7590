import { connect } from '@nats-io/transport-node';
import { makePlace } from '../../tests/runtime/transports/cli/kvflow-process.ts';
import { startNats } from '../../tests/support/nats.ts';
import type { Line } from './terminal.ts';
import { writeTerminal } from './terminal.ts';

const CALLS = 500;
const SUBJECT = 'kvflow.fn.kv-key-get';

/** Commands through NATS as they are typed and what they print, then what two processes did of many calls. */
export async function natsServicePicture(path: string): Promise<void> {
  await using server = await startNats();
  const env = { NATS_URL: server.url };
  await using first = await makePlace();
  await using second = await makePlace();
  await Promise.all([first.start({ env }), second.start({ env })]);
  await first.run(['invoke', 'kv-bucket-create', '{"bucket":"users"}', '--via', 'nats'], { env });
  const lines: Line[] = [];
  const type = async (name: string, input: string, ...flags: string[]): Promise<void> => {
    const { stdout, stderr } = await first.run(['invoke', name, input, '--via', 'nats', ...flags], { env });
    lines.push(['typed', ['kvflow invoke', name, `'${input}'`, '--via nats', ...flags].join(' ')]);
    for (const text of stdout.trim().split('\n').filter(Boolean)) lines.push(['answer', text]);
    for (const text of stderr.trim().split('\n').filter(Boolean)) lines.push(['failure', text]);
  };
  await type('kv-key-put', '{"bucket":"users","key":"ada","value":{"plan":"pro"}}', '--compact');
  await type('kv-key-get', '{"bucket":"users","key":"ada","json":true}', '--compact');
  await type('kv-key-get', '{"bucket":"users","key":"bob"}');
  lines.push(['remark', ''], ['remark', `${CALLS} more calls later, two processes ($SRV.STATS.kvflow):`]);
  lines.push(...(await statistics(server.url)));
  await writeTerminal(path, 'Two kvflow processes on one NATS', lines);
}

interface Stats {
  name: string;
  version: string;
  id: string;
  endpoints: { subject: string; num_requests: number; num_errors: number; average_processing_time: number }[];
}

async function statistics(url: string): Promise<Line[]> {
  const nc = await connect({ servers: url });
  const call = () => nc.request(SUBJECT, '{"bucket":"users","key":"ada"}', { timeout: 10_000 });
  for (let done = 0; done < CALLS; done++) await call();
  const lines: Line[] = [];
  const options = { strategy: 'count', maxMessages: 2, maxWait: 10_000 };
  for await (const msg of await nc.requestMany('$SRV.STATS.kvflow', '', options as never)) {
    const { name, version, id, endpoints } = msg.json<Stats>();
    for (const it of endpoints.filter(({ subject }) => subject === SUBJECT)) {
      const figures = `${it.num_requests} requests  ${it.num_errors} errors  ${(it.average_processing_time / 1e6).toFixed(2)} ms on average`;
      lines.push(['answer', `${name} ${version}  ${id}  ${it.subject}  ${figures}`]);
    }
  }
  await nc.close();
  return lines;
}
