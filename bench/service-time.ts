/** Time in ms from a request's arrival to the writing of its answer, by the server's own monotonic clock. */
export const serviceTimeHeader = 'x-service-ms';
