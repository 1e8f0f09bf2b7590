/** What runs in the flows' process; see runtime/flows/child/run.ts. */
import { runFlows } from '../flows/child/run.ts';

await runFlows(async settings => (await import('./join-nats.ts')).joinNats(settings));
