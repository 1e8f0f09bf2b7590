import { useMemo, useState } from 'react';
import type { FunctionSpec } from '../../api/functions.ts';
import type { InputOf } from '../../api/invoke.ts';
import { useAction } from '../../api/use-invoke.ts';
import { CallForms } from '../../components/call-forms.tsx';
import { useSchemaForm } from '../../components/schema-form/use-schema-form.ts';
import { inWords } from '../../lib/in-words.ts';
import { BucketDialog } from './bucket-dialog.tsx';
import { PresetChoice } from './preset-choice.tsx';
import { costOf, markFixed, type Preset, warningsOf } from './presets.ts';

/** Makes a bucket, with every option that the function takes. */
export function CreateBucket({ spec, onClose }: { spec: FunctionSpec; onClose(): void }) {
  const schema = useMemo(() => asForm(spec.input), [spec]);
  const form = useSchemaForm(schema);
  const [preset, setPreset] = useState<Preset>();
  const choose = (chosen: Preset) => {
    setPreset(chosen);
    const { bucket, description } = form.value;
    form.set({
      ...(bucket !== undefined && { bucket }),
      ...(description !== undefined && { description }),
      ...chosen.options,
    });
  };
  const create = useAction('kv-bucket-create', {
    done: ({ bucket, created }) =>
      created ? `Bucket ${bucket} was created.` : `Bucket ${bucket} was there already, with these options.`,
  });
  return (
    <BucketDialog
      title="Create a bucket"
      name="new bucket"
      submit="Create"
      outcome="Will be made"
      form={form}
      above={<PresetChoice chosen={preset} onChoose={choose} />}
      words={inWords(schema, form.value)}
      preview={<CallForms spec={spec} input={form.value} />}
      warnings={warningsOf(form.value)}
      cost={costOf(form.value)}
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSubmit={saved =>
        create.mutate(form.value as unknown as InputOf<'kv-bucket-create'>, {
          onSuccess: () => {
            saved();
            onClose();
          },
          onError: error => form.reject(error.errors),
        })
      }
    />
  );
}

/**
 * The schema as the form shows it: a new bucket's name is none of those there are, so they are not offered; what can never be
 * changed says so.
 */
function asForm(schema: FunctionSpec['input']): FunctionSpec['input'] {
  const { bucket = {}, ...others } = schema.properties ?? {};
  const { 'x-widget': _widget, ...plain } = bucket;
  return { ...schema, properties: markFixed({ bucket: plain, ...others }) };
}
