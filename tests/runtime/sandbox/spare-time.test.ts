import { expect, test } from '@jest/globals';
import { createSpareTime } from '../../../runtime/sandbox/host/spare-time.ts';

test('spare time - there is some unless most of the time since the look before was work', () => {
  const used = { idle: 100, active: 0, utilization: 0 };
  const spare = createSpareTime(() => ({ ...used }));
  const after = (active: number, idle: number): boolean => {
    used.active += active;
    used.idle += idle;
    spare.look();
    return spare.isThere();
  };
  expect([spare.isThere(), after(5, 20), after(20, 5), after(0, 0), after(25, 0), after(12, 13)]).toEqual([
    true,
    true,
    false,
    true,
    false,
    true,
  ]);
});
