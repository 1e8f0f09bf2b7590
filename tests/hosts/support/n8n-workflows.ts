/** Workflows as n8n's editor would save them. */

/** Which credential a node uses. */
export interface NodeCredentials {
  kvflowApi: { id: string; name: string };
}

/** A node, without its place. */
export interface WorkflowNode {
  name: string;
  type: string;
  typeVersion: number;
  parameters: object;
  credentials?: NodeCredentials;
  webhookId?: string;
}

/** A workflow of nodes one after the other. */
export function chain(name: string, nodes: WorkflowNode[]): object {
  const placed = nodes.map((node, index) => ({ ...node, id: node.name, position: [index * 220, 0] }));
  const wires = nodes
    .slice(1)
    .map(({ name: to }, index) => [nodes[index]?.name, { main: [[{ node: to, type: 'main', index: 0 }]] }]);
  return { name, nodes: placed, connections: Object.fromEntries(wires), settings: { executionOrder: 'v1' } };
}

/** A webhook that answers with what the last node made. */
export function hook(path: string): WorkflowNode {
  const parameters = { httpMethod: 'POST', path, responseMode: 'lastNode' };
  return { name: 'Webhook', type: 'n8n-nodes-base.webhook', typeVersion: 2, parameters, webhookId: path };
}

/** A node of kvflow's on the key resource, or its trigger; buckets are given by name. */
export function kvflowNode(
  name: string,
  credentials: NodeCredentials,
  { bucket, ...parameters }: { bucket: string; [parameter: string]: unknown },
  type = 'kvflow',
): WorkflowNode {
  const located = { bucket: { __rl: true, mode: 'name', value: bucket } };
  const resource = type === 'kvflow' ? { resource: 'key' } : {};
  return {
    name,
    type: `n8n-nodes-kvflow.${type}`,
    typeVersion: 1,
    parameters: { ...resource, ...located, ...parameters },
    credentials,
  };
}

/** What the button "Execute workflow" of the editor starts. */
export function manual(): WorkflowNode {
  return { name: 'When clicked', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, parameters: {} };
}
