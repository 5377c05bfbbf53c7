import { busily, type HostileCase } from './case.ts';
import { makeCertificates } from './certificates.ts';
import { codingCases } from './coding-cases.ts';
import { bodyCases, connectionCases, headCases, keepAliveCases } from './http-cases.ts';
import { jsonCases } from './json-cases.ts';
import { nameCases } from './name-cases.ts';
import { redirectCases } from './redirect-cases.ts';
import { tlsCasesOf } from './tls-cases.ts';
import { websocketCases } from './websocket-cases.ts';

export type Chapter = { readonly title: string; readonly rows: readonly HostileCase[] };

/** Everything broken that a monitor meets, a row a case. Makes the certificates that the TLS rows need. */
export const hostileTable = (): readonly Chapter[] => [
  { title: 'a connection that', rows: connectionCases },
  { title: 'a body: the target', rows: busily(bodyCases) },
  { title: 'a head: the target', rows: headCases },
  { title: 'a kept-alive connection that', rows: keepAliveCases },
  { title: 'a content coding: the target', rows: busily(codingCases) },
  { title: 'a target that', rows: redirectCases },
  { title: 'TLS: the target', rows: tlsCasesOf(makeCertificates()) },
  { title: 'a name: the target', rows: nameCases },
  { title: 'JSON and text: the target', rows: busily(jsonCases) },
  { title: 'a conversation in which the', rows: websocketCases },
];
