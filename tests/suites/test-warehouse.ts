import { describe } from '@jest/globals';
import { testAmend } from './warehouse/amend.ts';
import { testAmendKeys } from './warehouse/amend-keys.ts';
import { testEveryday } from './warehouse/everyday.ts';
import { testHostile } from './warehouse/hostile.ts';
import { testLoad } from './warehouse/load.ts';
import { testMisfits } from './warehouse/misfits.ts';
import { testPoison } from './warehouse/poison.ts';
import { testQuery } from './warehouse/query.ts';
import { testRaces } from './warehouse/races.ts';
import { testForget, testRule } from './warehouse/rule.ts';
import type { WarehouseSuite } from './warehouse/subject.ts';
import { useSubject } from './warehouse/subject.ts';
import { testTogether } from './warehouse/together.ts';

export type { WarehouseServer, WarehouseSuite } from './warehouse/subject.ts';

/** What every warehouse must hold, whatever it is: run by a test file of each engine, on one server for all of it. */
export function testWarehouse(suite: WarehouseSuite): void {
  describe(suite.name, () => {
    const subject = useSubject(suite);
    testLoad(suite, subject);
    testAmend(suite, subject);
    testAmendKeys(suite, subject);
    testHostile(suite, subject);
    testTogether(suite, subject);
    testPoison(suite, subject);
    testQuery(suite, subject);
    testMisfits(suite, subject);
    testRaces(suite, subject);
    testEveryday(suite, subject);
    testForget(suite, subject);
    testRule(suite, subject);
  });
}
