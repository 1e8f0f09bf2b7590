import type { FastifyPluginAsync } from 'fastify';
import { invalidField } from '../../../contract/errors.ts';
import type { FlowsControl } from '../../core/flows-status.ts';
import { authorizeFlows, authorizeFlowsControl } from '../../core/principal.ts';
import { sendJson } from '../answer.ts';

/**
 * GET /flows/process: what becomes of the process that runs the flows. PUT with `{"mode": "safe"}` starts it without running
 * flows, with `{"mode": "on"}` with them; that lasts until kvflow is started again, or flows are deployed.
 */
export function flowsProcessRoute(flows: FlowsControl): FastifyPluginAsync {
  return async app => {
    app.get('/flows/process', async ({ principal }, reply) => {
      authorizeFlows(principal);
      sendJson(reply, JSON.stringify(await flows.status()));
      return reply;
    });
    app.put('/flows/process', async ({ principal, body }, reply) => {
      authorizeFlowsControl(principal);
      sendJson(reply, JSON.stringify(await flows.setMode(modeOf(body))));
      return reply;
    });
  };
}

function modeOf(body: unknown): 'on' | 'safe' {
  const { mode } = { ...(body as { mode?: unknown } | null) };
  if (mode === 'on' || mode === 'safe') return mode;
  throw invalidField('/mode', 'The mode of flows is "on" or "safe".');
}
