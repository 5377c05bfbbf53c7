import type { Failure } from '../../result/result.ts';
import { number } from '../../sequence/words.ts';
import { failureOf } from '../failure.ts';

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** What broke an open connection: `ws` names each breach of RFC 6455 with a code of its own. */
export const faultOf = (error: Error, maxFrameBytes: number): Failure => {
  const code = codeOf(error);
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return {
      kind: 'limit',
      message: `a message is larger than ${number(maxFrameBytes)} bytes, the most that is read (maxFrame)`,
    };
  }
  if (code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS')
    return { kind: 'limit', message: 'a message came in too many fragments' };
  if (code.startsWith('WS_ERR_'))
    return {
      kind: 'protocol',
      message: `malformed frame: ${error.message.replace(/^Invalid WebSocket frame: /, '')} (${code})`,
    };
  return failureOf(error);
};

/** What is wrong with an answer that switches protocols and yet is no websocket upgrade. */
export const upgradeFailure = (error: Error, offered: readonly string[], picked: string | undefined): Failure => {
  const offer = offered.join(', ');
  if (picked === undefined && offered.length > 0 && /subprotocol/.test(error.message)) {
    return { kind: 'upgrade', message: `the server picked none of the subprotocols offered: ${offer}` };
  }
  if (picked !== undefined && !offered.includes(picked)) {
    const against = offered.length > 0 ? `which is not among those offered: ${offer}` : 'but none was offered';
    return { kind: 'upgrade', message: `the server picked the subprotocol "${picked}", ${against}` };
  }
  return { kind: 'upgrade', message: `the answer to the upgrade is not valid: ${lowerFirst(error.message)}` };
};

/** What kept an upgrade from being answered. */
export const handshakeFailure = (error: Error): Failure =>
  // `ws` refuses by a plain SyntaxError what it will not send at all.
  error instanceof SyntaxError ? { kind: 'template', message: lowerFirst(error.message) } : failureOf(error);
