import { isIP } from 'node:net';
import { cutText } from '../../result/redact.ts';
import type { Attribution, FailureKind, Phase, StepOutcome } from '../../result/result.ts';
import { makerOf } from './gateway.ts';

/** Where a step broke, and who is behind it. */
export type Place = Pick<Attribution, 'at' | 'words' | 'phase'>;

const secure = new Set(['https:', 'wss:']);

const isLiteral = (hostname: string): boolean => hostname.startsWith('[') || isIP(hostname) !== 0;

/** Whether anything of an answer came. */
export const heardFrom = ({ status, phasesMs, evidence, unexpectedStatus }: StepOutcome): boolean =>
  status === 'done' ||
  phasesMs.firstByte !== undefined ||
  phasesMs.upgrade !== undefined ||
  evidence?.response !== undefined ||
  unexpectedStatus !== undefined;

const isConnecting = ({ type }: StepOutcome): boolean => type === 'connect' || type === 'reconnect';

/** What was under way when a request or an upgrade broke off; nothing where nobody can tell. */
const phaseAtBreak = (step: StepOutcome): Phase | undefined => {
  const { phasesMs, reusedConnection, evidence, type } = step;
  if (type === 'disconnect') return 'close';
  if (phasesMs.handshake !== undefined) return 'handshake';
  if (heardFrom(step)) return isConnecting(step) ? 'upgrade' : 'download';
  const awaited = isConnecting(step) ? 'upgrade' : 'firstByte';
  if (reusedConnection || phasesMs.tls !== undefined) return awaited;
  const url = evidence?.request === undefined ? null : URL.parse(evidence.request.url);
  if (!url) return undefined;
  if (phasesMs.connect !== undefined) return secure.has(url.protocol) ? 'tls' : awaited;
  return phasesMs.dns !== undefined || isLiteral(url.hostname) ? 'connect' : 'dns';
};

const layers: Readonly<Record<Phase, Place['at']>> = {
  dns: 'dns',
  connect: 'tcp',
  tls: 'tls',
  upgrade: 'http',
  handshake: 'application',
  firstByte: 'http',
  firstFrame: 'application',
  download: 'http',
  close: 'application',
};

const host = "the service's host, or the network to it";

const ofLayer: Readonly<Partial<Record<Place['at'], string>>> = {
  dns: 'name resolution',
  tcp: host,
  tls: "the service's TLS, or the network to it",
};

/** A page's line, and not a page. */
const mostChars = 160;

/** Over an open websocket it is the frames that did not come: of a reconnect, once it is open again. */
const isConversing = ({ type, phasesMs, evidence }: StepOutcome): boolean => {
  if (type === 'reconnect') return phasesMs.handshake !== undefined || phasesMs.upgrade !== undefined;
  if (type === 'idempotent') return evidence?.request === undefined;
  return type !== 'request' && type !== 'connect' && type !== 'disconnect';
};

/** The connection broke off, or nothing came in time: whose that is hangs on what was under way. */
const ofPhase = (phase: Phase | undefined, what: string): Place => {
  if (phase === undefined) return { at: 'http', words: `the service, or the network to it: ${what}` };
  const at = layers[phase];
  return { at, words: `${ofLayer[at] ?? 'the service, or a gateway before it'}: ${what}`, phase };
};

const late: Readonly<Record<Phase, string>> = {
  dns: 'no name server answered in time',
  connect: 'nothing answered the connection in time',
  tls: 'the handshake did not end in time',
  upgrade: 'it took the connection, and did not answer the upgrade in time',
  handshake: 'it took the websocket, and the handshake of its protocol did not end in time',
  firstByte: 'it took the connection, and its first byte did not come in time',
  firstFrame: 'its first frame did not come in time',
  download: 'it began to answer, and did not end in time',
  close: 'the end of the connection did not come in time',
};

const ofTimeout = (step: StepOutcome): Place => {
  if (isConversing(step)) {
    return {
      at: 'application',
      words: 'the service: the websocket is open, and what was awaited did not come in time',
    };
  }
  const phase = phaseAtBreak(step);
  return ofPhase(phase, phase === undefined ? 'no answer came in time' : late[phase]);
};

const ofReset = (step: StepOutcome, what: string): Place => {
  if (isConversing(step)) return { at: 'http', words: `the service, or something on the way to it: ${what}` };
  const phase = phaseAtBreak(step);
  // Nobody resets a look-up.
  return ofPhase(phase === 'dns' ? 'connect' : phase, what);
};

const ofClose = (closeCode: number | undefined, what: string): Place => {
  // IANA's registry: 1014 is a gateway's word for a bad answer from behind it.
  if (closeCode === 1006) return { at: 'http', words: `the service, or something on the way to it: ${what}` };
  return closeCode === 1014
    ? { at: 'http', words: `a gateway before the service: ${what}` }
    : { at: 'application', words: `the service: ${what}` };
};

const ofServerError = (status: number, step: StepOutcome): Place => {
  const maker = makerOf(status, step.evidence?.response?.headers ?? {});
  if (maker.by === 'gateway') {
    const name = maker.name === undefined ? '' : ` (${cutText(maker.name, 60)})`;
    return {
      at: 'http',
      words: `a gateway before the service${name}, or the service behind it: it answered ${status}`,
    };
  }
  const who = maker.by === 'unknown' ? 'the service, or a gateway before it' : 'the service';
  return { at: 'application', words: `${who}: it answered ${status}` };
};

const ofStatus = (status: number, step: StepOutcome): Place => {
  if (status >= 500) return ofServerError(status, step);
  if (status === 401 || status === 403 || status === 407) {
    return { at: 'application', words: `the service, or the credentials of the probe: it answered ${status}` };
  }
  if (status === 429) {
    return {
      at: 'application',
      words: 'the service, or a gateway before it, limits how often the probe may ask: it answered 429',
    };
  }
  return { at: 'application', words: `the service, or what the probe asked of it: it answered ${status}` };
};

const ofUpgrade = (step: StepOutcome, what: string): Place => {
  const status = step.unexpectedStatus;
  if (status !== undefined) return ofStatus(status, step);
  // The websocket was open by then, and it is the protocol over it that said no.
  if (step.phasesMs.handshake !== undefined) {
    return { at: 'application', words: `the service: ${what}`, phase: 'handshake' };
  }
  return { at: 'http', words: `the service, or a gateway that does not pass websockets on: ${what}`, phase: 'upgrade' };
};

/** Every kind of failure, so that a new one cannot go unnamed. */
const ofFailure: Readonly<Record<FailureKind, (step: StepOutcome, what: string) => Place>> = {
  dns: (_, what) => ({ at: 'dns', words: `name resolution: ${what}`, phase: 'dns' }),
  refused: (_, what) => ({ at: 'tcp', words: `${host}: ${what}`, phase: 'connect' }),
  reset: ofReset,
  timeout: ofTimeout,
  tls: (_, what) => ({ at: 'tls', words: `the service's TLS: ${what}`, phase: 'tls' }),
  protocol: () => ({ at: 'http', words: 'the service, or a gateway before it: what it sent is not the protocol' }),
  upgrade: ofUpgrade,
  closed: ({ failure }, what) => ofClose(failure?.closeCode, what),
  redirect: () => ({ at: 'application', words: 'the service: its redirects lead nowhere' }),
  capture: () => ({
    at: 'application',
    words: 'the service, or what the probe expects of it: its answer lacks what the probe captures',
  }),
  limit: () => ({
    at: 'application',
    words: 'the service, or the limits of the probe: its answer is larger than the probe reads',
  }),
  template: () => ({ at: 'prober', words: 'our own side: the config of the probe' }),
  guard: () => ({ at: 'prober', words: 'our own side: the address is one that probes may not reach' }),
  prober: (_, what) => ({ at: 'prober', words: `our own side: this machine: ${what}` }),
};

/** An answer that came whole, and that its checks did not like. */
const ofAnswer = (step: StepOutcome): Place => {
  const status = step.unexpectedStatus ?? step.evidence?.response?.status;
  const statusFailed = step.checks.some(({ name, result }) => result === 'fail' && name.startsWith('status '));
  if (status !== undefined && status >= 400 && (step.unexpectedStatus !== undefined || statusFailed)) {
    return ofStatus(status, step);
  }
  const failed = step.checks.filter(({ result }) => result === 'fail');
  const [first] = failed;
  if (!first) return { at: 'application', words: 'the service: it answers, and wrongly' };
  const what = cutText(first.name, mostChars);
  if (failed.every(({ name }) => name.startsWith('latency '))) {
    return { at: 'latency', words: `the service, or the network to it: right answers, and not ${what}` };
  }
  if (failed.every(({ name }) => name.startsWith('tls ')))
    return { at: 'tls', words: `the service's TLS: not ${what}`, phase: 'tls' };
  return { at: 'application', words: `the service: it answers, and not as promised: ${what}` };
};

/** Whose fault a failed step looks like. */
export const placeOf = (step: StepOutcome): Place =>
  step.failure ? ofFailure[step.failure.kind](step, cutText(step.failure.message, mostChars)) : ofAnswer(step);
