import type { IDataObject, ITriggerFunctions } from 'n8n-workflow';
import { request } from '../shared/invoke';
import { pause } from './pause';

/** What of a Node.js stream is used. */
interface Body extends AsyncIterable<string> {
  setEncoding(encoding: 'utf8'): void;
  destroy(): void;
}

/** What to follow, from where, and until when. */
export interface Following {
  bucket: string;
  filter: string;
  /** Revision, or id of an event, after which changes are told. */
  after: number | string;
  signal: AbortSignal;
  /** Called with what came together, in order, and the id of the last. */
  tell(changes: IDataObject[], id: string | undefined): void;
}

/** kvflow says something at once. What does not arrive in this time is held back by a proxy on the way. */
const FIRST_WORD_MS = 10_000;
const EVENT_STREAM = /^text\/event-stream/;
/** Changes; the other events of a stream are `synced` and `error`. */
const CHANGE = /^(put|delete|purge|expire)$/;

/**
 * Holds kvflow's stream of changes until it ends or is cut. Answers whether it got through at all. Throws NodeApiError
 * when nothing answered.
 */
export async function holdStream(node: ITriggerFunctions, following: Following): Promise<boolean> {
  const { bucket, filter, after, signal } = following;
  const answer = (await request(node, `/buckets/${encodeURIComponent(bucket)}/watch`, {
    method: 'GET',
    qs: { filter, after, start: 'new' },
    encoding: 'stream',
    returnFullResponse: true,
    abortSignal: signal,
  })) as { body: Body; statusCode: number; headers: IDataObject };
  if (answer.statusCode !== 200 || !EVENT_STREAM.test(String(answer.headers['content-type']))) {
    answer.body.destroy();
    return false;
  }
  return await read(answer.body, following);
}

async function read(body: Body, { signal, tell }: Following): Promise<boolean> {
  let heard = false;
  const close = () => body.destroy();
  signal.addEventListener('abort', close);
  let over = false;
  void pause(FIRST_WORD_MS, () => heard || over).then(() => heard || close());
  body.setEncoding('utf8');
  let rest = '';
  try {
    for await (const text of body) {
      heard = true;
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop() ?? '';
      const changes = blocks.flatMap(toChange);
      const told = changes.map(({ data }) => data);
      if (told.length > 0 && !signal.aborted) tell(told, changes[changes.length - 1]?.id);
    }
  } catch {
    // The connection broke, which is an end like any other: every change has its id to go on from.
    return heard;
  } finally {
    over = true;
    signal.removeEventListener('abort', close);
  }
  return heard;
}

/** An event of kvflow is its lines `id`, `event` and `data`, each with one space after the colon. */
function toChange(block: string): { id: string | undefined; data: IDataObject }[] {
  const fields = new Map(block.split('\n').map(line => line.split(/: (.*)/, 2) as [string, string]));
  const event = fields.get('event') ?? '';
  return CHANGE.test(event) ? [{ id: fields.get('id'), data: JSON.parse(fields.get('data') ?? '{}') }] : [];
}
