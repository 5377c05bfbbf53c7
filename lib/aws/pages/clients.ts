import { briefSettings, type ClientConfig, type Clients, openClients } from '../clients.ts';
import { once } from '../once.ts';
import type { SNSClient } from '../sdk/sns.ts';

/** With the one client that no other function may carry: what stands in `openClients` is in the bundle of all. */
export type PageClients = Clients & { readonly sns: () => Promise<SNSClient> };

export const openPageClients = (own: ClientConfig = {}): PageClients => ({
  ...openClients(own),
  sns: once(async () => new (await import('../sdk/sns.ts')).SNSClient({ ...briefSettings, ...own })),
});
