/** Any number would do: all that matters is that it stays. */
const FIXED = 20_260_101;
const BELOW = 1_000_000_000;

/**
 * Where generated tests begin. A run of `npm test` generates the same each time, so that a change fails by what it changed alone.
 * The long forms, whose scripts set KVFLOW_TEST_LONG or KVFLOW_TEST_NEW_SEEDS, look for what nobody has met yet: a new seed each
 * time. `variable`, where it is set, repeats a run of theirs; the test prints its seed.
 */
export function seedOf(variable: 'KVFLOW_MODEL_SEED' | 'KVFLOW_FUZZ_SEED' | 'KVFLOW_SIMULATE_SEED'): number {
  const { [variable]: given, KVFLOW_TEST_LONG, KVFLOW_TEST_NEW_SEEDS } = process.env;
  if (given) return Number(given);
  return KVFLOW_TEST_LONG || KVFLOW_TEST_NEW_SEEDS ? Math.floor(Math.random() * BELOW) : FIXED;
}
