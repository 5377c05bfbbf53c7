import { EventEmitter, on, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  execute,
  GraphQLError,
  type GraphQLFieldConfig,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  parse,
  subscribe,
  validate,
} from 'graphql';
import type { ServerOptions } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const number = new GraphQLNonNull(GraphQLInt);
const count: GraphQLFieldConfig<number, unknown, { upTo: number }> = {
  type: number,
  args: { upTo: { type: number } },
  subscribe: async function* (_, { upTo }) {
    for (let n = 1; n <= upTo; n += 1) yield n;
  },
  resolve: (n) => n,
};
/** One value, and then nothing until it is left. */
const wait: GraphQLFieldConfig<number, unknown> = {
  type: number,
  subscribe: async function* () {
    yield 1;
    await new Promise(() => {});
  },
  resolve: (n) => n,
};
/** What every subscriber of `heard` hears. */
const voice = new EventEmitter().setMaxListeners(0);
/** So many of the numbers that are said while it lasts. */
const heard: typeof count = {
  ...count,
  subscribe: async function* (_, { upTo }) {
    let left = upTo;
    for await (const [n] of on(voice, 'said')) {
      yield n;
      left -= 1;
      if (left === 0) return;
    }
  },
};
const say: GraphQLFieldConfig<unknown, unknown, { n: number }> = {
  type: number,
  args: { n: { type: number } },
  resolve: (_, { n }) => {
    voice.emit('said', n);
    return n;
  },
};
const shout: GraphQLFieldConfig<unknown, unknown, { text: string }> = {
  type: GraphQLString,
  args: { text: { type: new GraphQLNonNull(GraphQLString) } },
  resolve: (_, { text }) => {
    if (text === '') throw new GraphQLError('nothing to shout', { extensions: { code: 'EMPTY' } });
    return text.toUpperCase();
  },
};

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { one: { type: number, resolve: () => 1 } } }),
  mutation: new GraphQLObjectType({ name: 'Mutation', fields: { say, shout } }),
  subscription: new GraphQLObjectType({ name: 'Subscription', fields: { count, heard, wait } }),
});

/** A graphql-ws server on a free port of loopback. */
export const serveGraphql = async (options: Partial<ServerOptions> = {}) => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  // Vitest and Node find two copies of graphql, and neither takes the other's schema: all of it comes from ours.
  useServer({ schema, parse, validate, execute, subscribe, ...options }, server);
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    close: async () => {
      for (const client of server.clients) client.terminate();
      await new Promise((done) => server.close(done));
    },
  };
};
