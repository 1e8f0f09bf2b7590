/** What the reconciler tells whoever runs kvflow. */
export interface ReconcileLog {
  info(message: string): void;
  warn(message: string): void;
}
