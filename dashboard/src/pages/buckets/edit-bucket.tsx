import { useMemo, useState } from 'react';
import type { BucketInfo } from '../../../../contract/types.gen.ts';
import type { FunctionSpec } from '../../api/functions.ts';
import { useAction } from '../../api/use-invoke.ts';
import { CallForms } from '../../components/call-forms.tsx';
import { useSchemaForm } from '../../components/schema-form/use-schema-form.ts';
import { valueInWords } from '../../lib/in-words.ts';
import { changesOf, editable, lockedOptions } from './bucket-changes.ts';
import { BucketDialog } from './bucket-dialog.tsx';
import { warningsOf } from './presets.ts';

/** Changes a bucket's options. Only what was changed is sent, so that nobody else's change is undone by it. */
export function EditBucket(props: { spec: FunctionSpec; info: BucketInfo; onClose(): void }) {
  const { spec, info, onClose } = props;
  const schema = useMemo(() => optionsAlone(spec.input), [spec]);
  // As it was when the dialog was opened, whatever the list says meanwhile.
  const [before] = useState(() => editable(info, schema.properties ?? {}));
  const form = useSchemaForm(schema, before);
  const changes = changesOf(before, form.value);
  const json = { bucket: info.bucket, ...changes };
  const update = useAction('kv-bucket-update', { done: `Bucket ${info.bucket} was changed.` });
  return (
    <BucketDialog
      title={`Options of ${info.bucket}`}
      name={`options of ${info.bucket}`}
      start={before}
      submit="Save"
      outcome="Will change"
      form={form}
      hidden={info.mirror ? [] : ['mirror']}
      locked={lockedOptions(info)}
      words={Object.entries(changes).map(([name, now]) => {
        const of = schema.properties?.[name];
        return `${name} from ${valueInWords(of, before[name])} to ${valueInWords(of, now)}`;
      })}
      preview={<CallForms spec={spec} input={json} />}
      warnings={warningsOf(form.value)}
      disabled={Object.keys(changes).length === 0}
      busy={update.isPending}
      error={update.error}
      onClose={onClose}
      onSubmit={saved =>
        update.mutate(json, {
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

/** The options without the bucket's name, which is known. */
function optionsAlone({
  minProperties: _least,
  required: _needed,
  ...schema
}: FunctionSpec['input']): FunctionSpec['input'] {
  const { bucket: _bucket, ...properties } = schema.properties ?? {};
  return { ...schema, properties };
}
