import { EVENTS_BUCKET } from '../../contract/own-buckets.ts';
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
  return {
    ...recognition,
    identify: async (call, input) => {
      check(input);
      return await recognition.identify(call, input, rights);
    },
    forget: async (call, input) => {
      check(input);
      return await recognition.forget(call, input, rights);
    },
    preview: async (call, input) => {
      check(input);
      return await recognition.preview(call, input, rights);
    },
    visitorList: async (call, input) => {
      check(input);
      return await recognition.visitorList(call, input, rights);
    },
    visitorGet: async (call, input) => {
      check(input);
      return await recognition.visitorGet(call, input, rights);
    },
    pendingList: async (call, input) => {
      check(input);
      return await recognition.pendingList(call, input, rights);
    },
    eventList: async (call, input) => {
      check(input);
      return await recognition.eventList(call, input, rights);
    },
    changeList: async (call, input) => {
      check(input);
      return await recognition.changeList(call, input, rights);
    },
    deadList: async (call, input) => {
      check(input);
      return await recognition.deadList(call, input, rights);
    },
    deadReplay: async (call, input) => {
      check(input);
      return await recognition.deadReplay(call, input, rights);
    },
    deadDrop: async (call, input) => {
      check(input);
      return await recognition.deadDrop(call, input, rights);
    },
    // SQL names whatever table it likes: what it reads takes the right to all, and to what recognition remembers.
    query: async (call, destination, query) => {
      authorizeBucket(who, EVENTS_BUCKET);
      authorizeDestination(who, destination);
      authorizeTable(who, '*');
      return await recognition.query(call, destination, query);
    },
    undo: async (call, input) => {
      check(input);
      return await recognition.undo(call, input, rights);
    },
  };
}

interface Owner {
  bucket?: string;
  namespace?: string;
  all_namespaces?: boolean;
}
