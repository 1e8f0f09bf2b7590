/** How many times as long as usual tests wait on this machine; see scripts/patience.ts. */
export const PATIENCE = Number(process.env.KVFLOW_TEST_PATIENCE ?? 1);
