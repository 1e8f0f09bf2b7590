import { SimpleGrid } from '@mantine/core';
import { pointerTo } from '../../../../contract/pointer.ts';
import { isObject } from '../../lib/is-object.ts';
import { typesOf } from '../../lib/json-schema.ts';
import { SmallButton } from '../small-button.tsx';
import type { FieldProps } from './form-context.ts';
import { useForm } from './form-context.ts';
import { FieldGroup } from './group.tsx';
import { withProperty } from './with-property.ts';

/** An object with properties of its own; left out until it is added. */
export function ObjectField(props: FieldProps) {
  const { Field } = useForm();
  const { schema, value, onChange, pointer, name, required } = props;
  const { properties = {}, required: inside = [] } = schema;
  const nullable = typesOf(schema).includes('null');
  if (value === null || value === undefined) {
    return (
      <FieldGroup
        field={props}
        addLabel={`Add ${name}`}
        onAdd={() => onChange({})}
        onRemove={value === null ? () => onChange(undefined) : undefined}
      >
        {value === null ? (
          <code>null</code>
        ) : (
          nullable && (
            <SmallButton mt="xs" mr="xs" onClick={() => onChange(null)}>
              Set to null
            </SmallButton>
          )
        )}
      </FieldGroup>
    );
  }
  const object = isObject(value) ? value : {};
  return (
    <FieldGroup field={props} addLabel="" onRemove={required ? undefined : () => onChange(undefined)}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm" mt="xs">
        {Object.entries(properties).map(([property, inner]) => (
          <Field
            key={property}
            schema={inner}
            name={property}
            pointer={pointerTo(pointer, property)}
            required={inside.includes(property)}
            value={object[property]}
            onChange={changed => onChange(withProperty(object, property, changed))}
          />
        ))}
      </SimpleGrid>
    </FieldGroup>
  );
}
