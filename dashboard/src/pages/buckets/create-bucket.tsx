import type { FunctionSpec } from '../../api/functions.ts';
import type { InputOf } from '../../api/invoke.ts';
import { useAction } from '../../api/use-invoke.ts';
import { useSchemaForm } from '../../components/schema-form/use-schema-form.ts';
import { BucketDialog } from './bucket-dialog.tsx';

/** Makes a bucket, with every option that the function takes. */
export function CreateBucket({ spec, onClose }: { spec: FunctionSpec; onClose(): void }) {
  const form = useSchemaForm(nameAsText(spec.input));
  const create = useAction('kv-bucket-create', {
    done: ({ bucket, created }) =>
      created ? `Bucket ${bucket} was created.` : `Bucket ${bucket} was there already, with these options.`,
  });
  return (
    <BucketDialog
      title="Create a bucket"
      submit="Create"
      form={form}
      json={form.value}
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSubmit={() =>
        create.mutate(form.value as unknown as InputOf<'kv-bucket-create'>, {
          onSuccess: onClose,
          onError: error => form.reject(error.errors),
        })
      }
    />
  );
}

/** A new bucket's name is none of those there are, so they are not offered. */
function nameAsText(schema: FunctionSpec['input']): FunctionSpec['input'] {
  const { bucket = {}, ...others } = schema.properties ?? {};
  const { 'x-widget': _widget, ...plain } = bucket;
  return { ...schema, properties: { bucket: plain, ...others } };
}
