/** Header in which kvflow tells the flows' process who connected; nobody else's reaches it. */
export const PEER_HEADER = 'x-kvflow-peer';
