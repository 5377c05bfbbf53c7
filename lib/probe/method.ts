/** Methods without side effects (RFC 9110 §9.2.1): they may be sent again, or once for nothing. */
export const isSafe = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method);
