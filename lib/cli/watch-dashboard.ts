import { BlockList, isIP } from 'node:net';
import type { Dashboard } from '../local/dashboard/server.ts';
import type { DashboardSource } from '../local/dashboard/source.ts';
import { systemClock } from './clock.ts';
import { CommandError } from './exit.ts';
import type { Terminal } from './terminal.ts';

export type DashboardChoice = {
  readonly host: string;
  /** Default: 7460, or any that is free where that is taken. */
  readonly port?: number;
};

const usualPort = 7460;

const isTaken = (error: unknown): boolean =>
  [error, error instanceof Error ? error.cause : undefined].some(
    (each) => each instanceof Error && 'code' in each && each.code === 'EADDRINUSE',
  );

const isLoopback = (host: string): boolean => {
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
};

/** @throws CommandError when the address cannot be had. */
export const openDashboard = async (
  source: DashboardSource,
  { host, port }: DashboardChoice,
  terminal: Terminal,
): Promise<Dashboard> => {
  const { startDashboard } = await import('../local/dashboard/server.ts');
  const listen = (wanted: number) => startDashboard(source, { host, port: wanted, clock: systemClock });
  if (!isLoopback(host)) {
    terminal.err(
      `plimsoll: whoever reaches ${host} can read the dashboard, evidence and all: it asks for no password\n`,
    );
  }
  try {
    return await listen(port ?? usualPort).catch((error: unknown) => {
      if (port !== undefined || !isTaken(error)) throw error;
      return listen(0);
    });
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
};
