/** What becomes of a parameter's value on its way to kvflow. */
export interface Field {
  name: string;
  kind: 'plain' | 'json' | 'duration' | 'value';
  /** Shown always; the others are among the options. */
  required: boolean;
}
