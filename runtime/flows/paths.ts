/** Address of the editor. */
export const FLOWS_PATH = '/flows';

/** Address of the endpoints that flows make with http-in nodes. */
export const FLOWS_HTTP_PATH = '/flows/http';
