/** Backs up a bucket in a process that is killed after one of its requests: `node backup-child.ts URL BUCKET SUBJECT sent|answered`. */
import { openNats } from '../../runtime/nats/open.ts';
import { soon } from './soon.ts';

const [url = '', bucket = '', subject = '', when = ''] = process.argv.slice(2);
const silent = { info: () => undefined, warn: () => undefined };
const nats = openNats({ servers: [url] }, silent);
const { requests } = nats;
const { ask } = requests;
let asked = 0;

/** Counts requests of the kind that is waited for; `subject` may end with `#2`, the second of them. */
const [pattern = '', nth = '1'] = subject.split('#');
requests.ask = async (call, to, payload, options) => {
  // So that the bucket is never found quiet, and has to be held still.
  if (to.includes(`STREAM.INFO.KV_${bucket}`)) (await nats.connection).publish(`$KV.${bucket}.noise`, 'x');
  const isIt = new RegExp(pattern).test(to) && ++asked === Number(nth);
  if (!isIt) return await ask(call, to, payload, options);
  const answer = ask(call, to, payload, options);
  if (when === 'answered') await answer;
  // Sent, and what comes of it is nobody's here any more.
  else await (await nats.connection).flush();
  process.kill(process.pid, 'SIGKILL');
  return await answer;
};

const taken = await nats.kv.backup(soon(), bucket);
for await (const _part of taken.parts);
await taken[Symbol.asyncDispose]();
await nats.close();
