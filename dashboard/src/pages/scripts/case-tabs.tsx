import { SegmentedControl } from '@mantine/core';
import { plural } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import type { Bench } from './use-bench.ts';

/** Chooses between the samples and the tests, each with how it went. */
export function CaseTabs({ bench: { form, shown, show, tester } }: { bench: Bench }) {
  const sign = (place: number) => {
    const result = tester.ran === form.script ? tester.results.get(place) : undefined;
    return result ? (result.passed ? ' ✓' : ' ✗') : '';
  };
  return (
    <SegmentedControl
      size="xs"
      aria-label={`Samples, and ${plural(form.tests.length, 'test')}`}
      style={{ flexWrap: 'wrap' }}
      value={String(shown)}
      onChange={place => show(Number(place))}
      data={[
        { value: '0', label: `Samples${sign(0)}` },
        ...form.tests.map(({ name }, at) => ({
          value: String(at + 1),
          label: `${visibleText(name) || `Test ${at + 1}`}${sign(at + 1)}`,
        })),
      ]}
    />
  );
}
