/** Bytes of an answer's head, its interim answers and trailers included; Node's own 16 KB is less than real services send. */
export const maxHeadBytes = 64 * 1024;
