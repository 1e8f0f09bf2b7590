import { EVENTS_BUCKET } from '../../contract/own-buckets.ts';
import type { Call } from './call.ts';
import type { Principal } from './principal.ts';
import {
  authorizeBucket,
  authorizeDestination,
  authorizeNamespace,
  authorizeTable,
  EVERYTHING,
  matchesAny,
  mayUseNamespace,
} from './principal.ts';
import type { Recognition, RecognitionRights } from './recognition-port.ts';
import { scopedKv } from './scoped-kv.ts';
import type { Scripting } from './scripts.ts';

const DEFAULT_NAMESPACE = 'default';

/** What runs scripts, for a principal: its store checks buckets when a script first touches them. */
export function scopedScripting(scripting: Scripting, who: Principal): Scripting {
  if (who === EVERYTHING) return scripting;
  const { runner, kv } = scripting;
  return {
    ...scripting,
    kv: scopedKv(kv, who),
    runner: {
      check: runner.check,
      kindOf: runner.kindOf,
      run: async request => {
        authorizeNamespace(who, request.namespace);
        return await runner.run(request);
      },
    },
  };
}

/** What recognizes users, for a principal: its bucket, tenant, warehouses and tables. */
export function scopedRecognition(recognition: Recognition, who: Principal): Recognition {
  if (who === EVERYTHING) return recognition;
  const rights: RecognitionRights = {
    destination: name => authorizeDestination(who, name),
    table: name => authorizeTable(who, name),
    mayRead: ({ namespace, destination }) =>
      mayUseNamespace(who, namespace) &&
      (destination === '' || matchesAny(who.destinations ?? ['*'], destination)),
  };
  const check = ({ bucket = EVENTS_BUCKET, namespace, all_namespaces }: Owner): void => {
    authorizeBucket(who, bucket);
    // Of all namespaces those are left out that it may not use: by `rights`.
    if (namespace !== undefined || !all_namespaces) authorizeNamespace(who, namespace ?? DEFAULT_NAMESPACE);
  };
  const checked =
    <Input extends Owner, Answer>(
      work: (call: Call, input: Input, rights: RecognitionRights) => Promise<Answer>,
    ) =>
    async (call: Call, input: Input): Promise<Answer> => {
      check(input);
      return await work(call, input, rights);
    };
  return {
    ...recognition,
    identify: checked(recognition.identify),
    forget: checked(recognition.forget),
    preview: checked(recognition.preview),
    visitorList: checked(recognition.visitorList),
    visitorGet: checked(recognition.visitorGet),
    pendingList: checked(recognition.pendingList),
    eventList: checked(recognition.eventList),
    changeList: checked(recognition.changeList),
    deadList: checked(recognition.deadList),
    deadReplay: checked(recognition.deadReplay),
    deadDrop: checked(recognition.deadDrop),
    undo: checked(recognition.undo),
    // SQL names whatever table it likes: what it reads takes the right to all, and to what recognition remembers.
    query: async (call, destination, query) => {
      authorizeBucket(who, EVENTS_BUCKET);
      authorizeDestination(who, destination);
      authorizeTable(who, '*');
      return await recognition.query(call, destination, query);
    },
  };
}

interface Owner {
  bucket?: string;
  namespace?: string;
  all_namespaces?: boolean;
}
