/**
 * Whose fault something is that nobody caught, in words that name the node where it can be told. `certain`: only where the fault
 * itself says that a function node left it; a rejected promise is a flow's in any case, for here is nothing else.
 */
export function blame(cause: unknown, certain: true): string | undefined;
export function blame(cause: unknown, certain: false): string;
export function blame(cause: unknown, certain: boolean): string | undefined {
  // An error of a function node is of another realm: no Error of ours.
  const stack = String((cause as { stack?: unknown } | null | undefined)?.stack);
  const node = /Function node:([\w.-]+)/.exec(stack)?.[1];
  if (node) return `flows: function node ${node} left a fault that nobody catches`;
  if (certain) return undefined;
  return 'flows: a promise was rejected that nobody awaits, in a flow or one of its nodes';
}
