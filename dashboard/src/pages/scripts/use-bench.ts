import { useMemo, useState } from 'react';
import { toApiError } from '../../api/api-error.ts';
import { invoke } from '../../api/invoke.ts';
import { refreshFunctions } from '../../api/use-invoke.ts';
import type { PlacedFault } from '../../components/script-editor/faults.ts';
import { type FormDraft, useFormDraft } from '../../hooks/use-form-draft.ts';
import { useUnsaved } from '../../hooks/use-unsaved.ts';
import { notify } from '../../lib/notify.ts';
import { type Case, newCase } from './case.ts';
import { faultsOf, refusedAt } from './script-faults.ts';
import { formOfDraft, putInput, type ScriptForm } from './script-form.ts';
import { useSamples } from './use-samples.ts';
import { type Tested, type Tester, type TestSettings, useTester } from './use-tester.ts';
import { useWatching } from './use-watching.ts';

/** The state of the page on which a script is written. */
export interface Bench {
  form: ScriptForm;
  change(part: Partial<ScriptForm>): void;
  /** Number of the version that is changed; undefined: a new script. */
  base: number | undefined;
  changed: boolean;
  draft: FormDraft;
  takeDraft(): void;
  /** Number of a version that was stored since, by somebody else. */
  newer: number | undefined;
  takeNewer(): void;
  /** 0: the samples; from 1 on the tests. */
  shown: number;
  show(place: number): void;
  shownCase: Case;
  changeCase(typed: Case): void;
  samples: Case;
  changeSamples(samples: Case): void;
  settings: TestSettings;
  setSettings(settings: TestSettings): void;
  tester: Tester;
  runShown(): void;
  runTests(): void;
  watching: boolean;
  setWatching(on: boolean): void;
  faults: readonly PlacedFault[];
  /** What is wrong with the script or one of its tests. */
  fault: string | undefined;
  /** Why it cannot be stored now. */
  blocked: string | undefined;
  put: { busy: boolean; error: unknown; warnings: readonly string[] };
  store(): void;
  mayReturnNothing: boolean;
  storeWithoutReturn(): void;
}

/** What {@link useBench} begins with. */
export interface BenchStart {
  id: string;
  /** What is stored, or what a new script begins with. */
  stored: ScriptForm;
  number: number | undefined;
  /** Name under which drafts and samples are kept. */
  place: string;
  /** Why it cannot be stored yet, such as a name that is missing. */
  blocked?: string | undefined;
  onStored?(number: number): void;
}

const NOTHING = { busy: false, error: undefined as unknown, warnings: [] as readonly string[] };

/** See {@link Bench}. */
export function useBench({ id, stored, number, place, blocked, onStored }: BenchStart): Bench {
  const [base, setBase] = useState({ form: stored, number });
  const [form, setForm] = useState(stored);
  const [kept, setSamples, giveSamples] = useSamples(place, firstSamples(stored));
  const [shown, setShown] = useState(0);
  const [settings, setSettings] = useState<TestSettings>({ namespace: '', storedKv: false });
  const [watching, setWatching] = useState(false);
  const [put, setPut] = useState(NOTHING);
  const tester = useTester(settings);
  const textOf = (one: ScriptForm) => JSON.stringify({ ...one, number: base.number });
  const draft = useFormDraft(`script ${place}`, textOf(form), textOf(base.form));
  const { changed } = draft;
  useUnsaved(changed && !put.busy ? `your changes of ${id || 'the new script'}` : undefined, {
    drafted: true,
  });
  const isNewer = number !== undefined && base.number !== undefined && number > base.number;
  // Nothing was changed here: what another has stored is shown.
  if (isNewer && !changed) begin(stored, number);
  const at = Math.min(shown, form.tests.length);
  const shownCase = (at === 0 ? undefined : form.tests[at - 1]) ?? kept;
  const input = putInput(id, form);
  const runShown = () => tester.run(form.script, new Map([[at, shownCase]]));
  useWatching({ on: watching, what: JSON.stringify([form.script, at, shownCase, settings]), run: runShown });

  function begin(next: ScriptForm, version: number | undefined): void {
    setBase({ form: next, number: version });
    setForm(next);
  }

  function changeCase(typed: Case): void {
    if (at === 0) setSamples(typed);
    else setForm({ ...form, tests: form.tests.map((one, i) => (i === at - 1 ? typed : one)) });
  }

  async function store(more: object = {}): Promise<void> {
    if (put.busy || blocked !== undefined || 'fault' in input) return;
    setPut({ ...NOTHING, busy: true });
    try {
      const answer = await invoke('transform-script-put', { ...input.input, ...more });
      setBase({ form, number: answer.number });
      draft.forget();
      notify(`Version ${answer.number} is stored.`);
      setPut({ ...NOTHING, warnings: answer.warnings ?? [] });
      await refreshFunctions('transform-script-list', 'transform-script-get', 'transform-script-versions');
      if (place !== id) giveSamples(id);
      onStored?.(answer.number);
    } catch (thrown) {
      const error = toApiError(thrown);
      setPut({ ...NOTHING, error });
      const { tests } = error.details as { tests?: Tested[] };
      if (tests) tester.show(form.script, new Map(tests.map((tested, i) => [i + 1, tested])));
    }
  }

  const tests = new Map(form.tests.map((one, i) => [i + 1, one]));
  const ranHere = tester.ran === form.script;
  const tested = ranHere ? tester.results.get(at) : undefined;
  const faults = useMemo(() => {
    const refused = refusedAt(put.error);
    return refused.length > 0 ? refused : faultsOf(tested);
  }, [put.error, tested]);
  return {
    form,
    change: part => {
      setForm({ ...form, ...part });
      if (part.script !== undefined && put.error !== undefined) setPut(NOTHING);
    },
    base: base.number,
    changed,
    draft,
    takeDraft() {
      const taken = draft.draft && formOfDraft(draft.draft.text);
      if (!taken) return;
      const { number: begun, ...typed } = taken;
      setForm(typed);
      // Of the version that it was begun with: what was stored since is told.
      if (begun !== undefined) setBase({ form: base.form, number: begun });
    },
    newer: isNewer && changed ? number : undefined,
    takeNewer() {
      draft.forget();
      begin(stored, number);
    },
    shown: at,
    show: setShown,
    shownCase,
    changeCase,
    samples: kept,
    changeSamples: setSamples,
    settings,
    setSettings,
    tester,
    runShown,
    runTests() {
      if (at === 0) setShown(1);
      tester.run(form.script, tests);
    },
    watching,
    setWatching,
    faults,
    fault: 'fault' in input ? input.fault : undefined,
    blocked: blocked ?? ('fault' in input ? input.fault : undefined) ?? (changed ? undefined : NOTHING_NEW),
    put,
    store: () => void store(),
    mayReturnNothing: put.error !== undefined && toApiError(put.error).details.neverReturns === true,
    storeWithoutReturn: () => void store({ allow_no_return: true }),
  };
}

/** The events of its first test are the best samples that are known. */
function firstSamples({ tests: [first] }: ScriptForm): Case | undefined {
  return first && { ...newCase(first.events), kv: first.kv, variables: first.variables };
}

const NOTHING_NEW = 'Nothing was changed.';
