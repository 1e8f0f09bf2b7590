import type { FastifyPluginAsync } from 'fastify';
import { SCRIPT_STATE_BUCKET } from '../../../contract/own-buckets.ts';
import { sendJson } from '../answer.ts';
import type { ServerParts, StatePlaces } from '../options.ts';

const MAIN_NATS: StatePlaces = {
  transform: { bucket: SCRIPT_STATE_BUCKET, own_nats: false },
  recognition: { own_nats: false },
};

/** GET /access: who the caller is to this server and what it may do, so that a page can say so before a call is refused. */
export function accessRoute({
  access,
  registry,
  state = MAIN_NATS,
}: Pick<ServerParts, 'access' | 'registry' | 'state'>): FastifyPluginAsync {
  return async app => {
    app.get('/access', async ({ principal }, reply) => {
      const { name, functions, buckets, readOnly } = principal;
      const {
        subjects = [],
        destinations = ['*'],
        tables = [],
        namespaces = ['*'],
        flows = false,
      } = principal;
      const answer = {
        name,
        read_only: readOnly,
        functions,
        buckets,
        subjects,
        destinations,
        tables,
        namespaces,
        flows,
        keys_required: access.required(),
        version: registry.version,
        state,
      };
      sendJson(reply, JSON.stringify(answer));
      return reply;
    });
  };
}
