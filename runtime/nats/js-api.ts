import { setTimeout as sleep } from 'node:timers/promises';
import type { Msg } from '@nats-io/transport-node';
import { PackError } from '../../contract/errors.ts';
import type { Call } from '../core/call.ts';
import type { Doubt } from './doubt.ts';
import type { ApiError } from './errors.ts';
import { fromApi, isNotThere, withoutJetStream } from './errors.ts';
import type { AskedNewest, Newest } from './newest.ts';
import { askNewest } from './newest.ts';
import { purgeOfNothing } from './purge-of-nothing.ts';
import type { Requests } from './requests.ts';
import type { StreamInfo } from './stream-types.ts';
import type { AskedSubjects, SubjectsPage } from './subject-counts.ts';
import { takeSubjects } from './subject-counts.ts';
import { throwUnlessAgain } from './until-answered.ts';

/** The parts of the JetStream API that buckets need. `$JS.API`, or `$JS.<domain>.API`. */
export interface JsApi {
  readonly prefix: string;
  /** Of the servers of its connection. */
  readonly doubt: Doubt;
  /** Counts connections: another number where another server may answer. */
  connections(): number;
  /** Whether there is a connection now. */
  connected(): boolean;
  streamInfo(call: Call, stream: string): Promise<StreamInfo>;
  /** Has the stream's leader and a majority agree on something that changes nothing, and answers how many milliseconds that took them. */
  agree(call: Call, stream: string): Promise<number>;
  /** What each server says of a stream that takes itself for its leader and answers within so many milliseconds, or fewer, see {@link Alone}. */
  leaders(call: Call, stream: string, withinMs: number, alone: Alone): Promise<StreamInfo[]>;
  /** The last messages of subjects as some copy of the stream has them. */
  newestOf(call: Call, asked: AskedNewest): Promise<Newest>;
  /** Every stream, whatever the count. */
  listStreams(call: Call): Promise<Streams>;
  /** Any API call that answers JSON. Throws what its error means. */
  ask<T>(call: Call, endpoint: string, payload: unknown, about: string): Promise<T>;
  /** The same for what may not be there, a message or a consumer: undefined then, for which no error is made. */
  find<T>(call: Call, endpoint: string, payload: unknown, about: string): Promise<T | undefined>;
  /** The subjects of a stream that STREAM.INFO was asked for, from `offset` on, and how many there are in all. */
  subjects(call: Call, stream: string, asked: AskedSubjects, about: string): Promise<SubjectsPage>;
}

/** When it is not listened to more servers that may take themselves for a stream's leader. */
export interface Alone {
  /** Whether by what one of them says no other does. */
  isAlone(info: StreamInfo): boolean;
  /** After so many milliseconds, where that is what all say that were heard. */
  afterMs: number;
}

/** So long a cluster, or a stream, may be without a leader: its servers elect one within 4 to 8 seconds. */
export const ELECTION_MS = 10_000;
const PAUSE_MS = 100;
/** JetStream's code: the system is temporarily unavailable. */
const TEMPORARILY_AWAY = 10008;

const READS = /^(STREAM\.(INFO|LIST|NAMES|MSG\.GET)|CONSUMER\.(INFO|LIST|NAMES)|INFO)\b/;

/** A cluster asks each server for its part, and waits for those that are away. */
const GATHERED = /^(STREAM|CONSUMER)\.(LIST|NAMES)\b/;

/** What the subjects of a domain's API begin with; undefined: of the domain of the server that is connected to. */
export function apiPrefix(domain: string | undefined): string {
  return domain ? `$JS.${domain}.API` : '$JS.API';
}

/** The API of one domain over the given requests. */
export function createJsApi(requests: Requests, domain?: string): JsApi {
  const prefix = apiPrefix(domain);
  /** Whether JetStream was heard through a server that has none. */
  let isElsewhere = false;
  return {
    prefix,
    doubt: requests.doubt,
    connections: requests.connections,
    connected: requests.connected,
    streamInfo,
    agree,
    leaders,
    newestOf: (call, asked) => askNewest(call, { requests, prefix }, asked),
    listStreams,
    ask,
    find,
    subjects,
  };

  async function ask<T>(call: Call, endpoint: string, payload: unknown, about: string): Promise<T> {
    const answer = await settled<T>(call, endpoint, payload);
    if (answer.error) throw fromApi(answer.error, about);
    return answer;
  }

  async function find<T>(
    call: Call,
    endpoint: string,
    payload: unknown,
    about: string,
  ): Promise<T | undefined> {
    const answer = await settled<T>(call, endpoint, payload);
    if (!answer.error) return answer;
    if (isNotThere(answer.error)) return undefined;
    throw fromApi(answer.error, about);
  }

  /** While a cluster chooses who answers, it refuses everything: what was refused is asked again. */
  async function settled<T>(
    call: Call,
    endpoint: string,
    payload: unknown,
  ): Promise<T & { error?: ApiError }> {
    const until = Date.now() + ELECTION_MS;
    for (;;) {
      const answer = JSON.parse((await send(call, endpoint, payload)).string()) as T & { error?: ApiError };
      // The deadline may move: whoever asked may need it no more.
      const isOver = Date.now() >= Math.min(call.deadline, until) - PAUSE_MS;
      if (answer.error?.err_code !== TEMPORARILY_AWAY || isOver) return answer;
      requests.suspect(`${prefix}.${endpoint}`);
      await sleep(PAUSE_MS);
      if (Date.now() >= call.deadline) return answer;
    }
  }

  async function send(call: Call, endpoint: string, payload: unknown): Promise<Msg> {
    const body = payload === undefined ? '' : JSON.stringify(payload);
    const msg = await requests.ask(call, `${prefix}.${endpoint}`, body, {
      safe: READS.test(endpoint),
      gathered: GATHERED.test(endpoint),
    });
    const hasNone = requests.offersJetStream() === false;
    if (!isNoResponders(msg)) {
      isElsewhere ||= hasNone;
      return msg;
    }
    // A leaf node's server has none itself: once its hub answered, it is only away.
    const isOff = !domain && !isElsewhere && hasNone;
    throw isOff ? withoutJetStream() : noJetStream(domain);
  }

  async function subjects(call: Call, stream: string, asked: AskedSubjects, about: string) {
    const json = (await send(call, `STREAM.INFO.${stream}`, asked)).string();
    const taken = takeSubjects(json);
    const info = read<SubjectsInfo>(taken?.rest ?? json, about);
    return { subjects: taken?.subjects ?? Object.keys(info.state.subjects ?? {}), total: info.total ?? 0 };
  }

  function streamInfo(call: Call, stream: string): Promise<StreamInfo> {
    return ask(call, `STREAM.INFO.${stream}`, undefined, aboutStream(stream));
  }

  /**
   * A purge of a subject that no bucket has, up to before the first message: it goes through the stream's log, as a write does. It is asked
   * again after a lost connection alone, and the time is that of the question that was answered.
   */
  async function agree(call: Call, stream: string): Promise<number> {
    for (;;) {
      await requests.ready(call);
      const since = performance.now();
      try {
        const msg = await requests.ask(call, `${prefix}.STREAM.PURGE.${stream}`, purgeOfNothing());
        if (isNoResponders(msg)) throw noJetStream(domain);
        read(msg.string(), aboutStream(stream));
        return performance.now() - since;
      } catch (error) {
        throwUnlessAgain(call, error);
      }
    }
  }

  async function leaders(call: Call, stream: string, withinMs: number, { isAlone, afterMs }: Alone) {
    const since = Date.now();
    const turn = { deadline: 0 };
    let answers: (StreamInfo & { error?: ApiError })[] = [];
    const note = (heard: typeof answers) => {
      answers = heard;
      const isOver = answers.length > 0 && answers.every(answer => !answer.error && isAlone(answer));
      turn.deadline = Math.min(call.deadline, since + (isOver ? Math.min(afterMs, withinMs) : withinMs));
    };
    note([]);
    await requests
      .collect(turn, `${prefix}.STREAM.INFO.${stream}`, '', () => {
        note([]);
        return msg => {
          if (msg.data.length > 0) note([...answers, msg.json()]);
          return false;
        };
      })
      // It is over when the time is.
      .catch((error: unknown) => {
        if (!(error instanceof PackError) || error.code !== 'UNAVAILABLE') throw error;
      });
    for (const { error } of answers) if (error) throw fromApi(error, aboutStream(stream));
    return answers;
  }

  async function listStreams(call: Call): Promise<Streams> {
    const all: StreamInfo[] = [];
    const late: string[] = [];
    for (let offset = 0, total = 1; offset < total; ) {
      const page = await ask<StreamList>(call, 'STREAM.LIST', { offset }, 'the list of buckets');
      const unheard = [...(page.missing ?? []), ...Object.keys(page.offline ?? {})];
      all.push(...(page.streams ?? []));
      late.push(...unheard);
      // Pages are cut by name before the servers are asked, so those that did not answer count too.
      offset += (page.streams?.length ?? 0) + unheard.length;
      total = page.streams?.length || unheard.length ? page.total : 0;
    }
    const { streams, unavailable } = await askedAgain(call, late);
    return { streams: [...all, ...streams], unavailable };
  }

  /** In a cluster some leaders may not have answered in time, such as those just elected; the rest is out of reach. */
  async function askedAgain(call: Call, names: string[]): Promise<Streams> {
    const soon = { deadline: Math.min(call.deadline - LEEWAY_MS, Date.now() + 2_000) };
    const found: Streams = { streams: [], unavailable: [] };
    const ask = async (name: string): Promise<void> => {
      try {
        found.streams.push(await streamInfo(soon, name));
      } catch (error) {
        // Deleted meanwhile: that is no stream any more.
        if (!(error instanceof PackError) || error.code !== 'BUCKET_NOT_FOUND') found.unavailable.push(name);
      }
    };
    await Promise.all(names.map(ask));
    return found;
  }
}

function read<T>(json: string, about: string): T {
  const answer = JSON.parse(json) as T & { error?: ApiError };
  if (answer.error) throw fromApi(answer.error, about);
  return answer;
}

interface SubjectsInfo {
  total?: number;
  /** With how many messages each subject has. */
  state: { subjects?: Record<string, number> };
}

/** The streams of an account. */
export interface Streams {
  streams: StreamInfo[];
  /** Names of those that are there and that nobody answers for: their servers are away. */
  unavailable: string[];
}

interface StreamList {
  streams: StreamInfo[] | null;
  total: number;
  /** Names of streams that nobody answered for, in a cluster. */
  missing?: string[];
  /** Streams that their server cannot run, and why. */
  offline?: Record<string, string>;
}

/** Left of the deadline to answer with what there is. */
const LEEWAY_MS = 500;

/** The server found nobody who listens on the subject: an empty answer with status 503. */
export function isNoResponders(msg: Msg): boolean {
  return msg.data.length === 0 && msg.headers?.code === 503;
}

/** `bucket "x"` for KV_x. */
export function aboutStream(stream: string): string {
  return stream.startsWith('KV_') ? `bucket "${stream.slice(3)}"` : `stream "${stream}"`;
}

function noJetStream(domain: string | undefined): PackError {
  const where = domain
    ? `JetStream domain "${domain}" is not reachable from this NATS server`
    : 'No JetStream answers';
  return new PackError(
    'UNAVAILABLE',
    `${where}. It may be starting, or have no leader: try again; else check that JetStream is on.`,
  );
}
