import { join } from 'node:path';

const core = '@smithy/core/dist-es/submodules';
const s3 = '@aws-sdk/middleware-sdk-s3/dist-es/submodules/s3';

/** A plugin of an SDK client that adds nothing to what it sends. */
const noPlugin = '() => ({ applyToStack: () => {} })';

/** By file: the exports that stay, as expressions. */
export type LeftOut = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Modules of the SDK that we have no use for. Each export throws when it is called or made, but for those that a client calls
 * when it is made: they stand here with what does as little. test/bundle/sdk.test.ts has each operation of ours speak through
 * the bundle and through the whole SDK, and compares.
 */
export const leftOut: LeftOut = {
  // Hashes in JavaScript, for who has no node:crypto. CRC-64 and CRC-32C stay: Node has neither.
  [`${core}/checksum/crc32/Crc32Js.js`]: {},
  [`${core}/checksum/md5/Md5Js.js`]: {},
  [`${core}/checksum/sha256/Sha256Js.js`]: {},
  '@aws-sdk/checksums/dist-es/submodules/sha/sha1/Sha1Js.js': {},
  // Streams of a browser, and bodies of unknown length: we send bytes.
  [`${core}/serde/util-stream/checksum/createChecksumStream.browser.js`]: {},
  [`${core}/serde/util-stream/createBufferedReadable.js`]: {},
  [`${core}/serde/util-stream/getAwsChunkedEncodingStream.js`]: {},
  [`${core}/serde/util-stream/sdk-stream-mixin.browser.js`]: {},
  // No operation of ours answers with a stream of events.
  [`${core}/event-streams/index.js`]: { resolveEventStreamSerdeConfig: '(config) => config' },
  // For defaultsMode 'auto' and retryMode 'adaptive': lib/aws sets others.
  [`${core}/config/config-resolver/regionConfig/getInstanceMetadataRegion.js`]: {},
  [`${core}/retry/util-retry/AdaptiveRetryStrategy.js`]: {},
  [`${core}/retry/util-retry/DefaultRateLimiter.js`]: {},
  // A Lambda has no home with a profile in it: this is what the SDK makes of files that are not there.
  [`${core}/config/shared-ini-file-loader/loadSharedConfigFiles.js`]: {
    CONFIG_PREFIX_SEPARATOR: '"."',
    loadSharedConfigFiles: 'async () => ({ configFile: {}, credentialsFile: {} })',
  },
  // DynamoDB's endpoint is known. The cache for others is made, and never looked into.
  '@aws-sdk/client-dynamodb/dist-es/commands/DescribeEndpointsCommand.js': {},
  '@aws-sdk/endpoint-cache/dist-es/EndpointCache.js': { EndpointCache: 'class {}' },
  // Our bucket is no directory bucket, in no other region, and without keys of the customer's own.
  '@aws-sdk/client-s3/dist-es/commands/CreateSessionCommand.js': {},
  [`${s3}/middleware-region-redirect/region-redirect-middleware.js`]: { getRegionRedirectMiddlewarePlugin: noPlugin },
  [`${s3}/middleware-s3-express/classes/S3ExpressIdentityProviderImpl.js`]: {
    S3ExpressIdentityProviderImpl: 'class {}',
  },
  [`${s3}/middleware-s3-express/functions/s3ExpressHttpSigningMiddleware.js`]: {
    getS3ExpressHttpSigningPlugin: noPlugin,
  },
  [`${s3}/middleware-s3-express/functions/s3ExpressMiddleware.js`]: { getS3ExpressPlugin: noPlugin },
  [`${s3}/middleware-ssec/middleware-ssec.js`]: { getSsecPlugin: noPlugin },
};

const nothing = join(import.meta.dirname, '../inside/nothing.ts');

const exportsOf = (source: string): readonly string[] => [
  ...[...source.matchAll(/^export (?:async )?(?:const|let|var|class|function\*?) (\w+)/gm)].map(
    ([, name = '']) => name,
  ),
  ...[...source.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list = '']) =>
    list.split(',').flatMap(
      (one) =>
        one
          .trim()
          .split(/\s+as\s+/)
          .at(-1) || [],
    ),
  ),
];

/** A module with the same exports: those that are given, as expressions, and for the rest nothing. */
export const leaveOut = (source: string, given: Readonly<Record<string, string>>, path: string): string => {
  const names = exportsOf(source);
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  if (names.length === 0 || unknown.length > 0) {
    throw new Error(
      `${path} does not export ${unknown.join(' or ') || 'anything'}: see build/functions/slim/left-out.ts`,
    );
  }
  const lines = names.map((name) => {
    const text = JSON.stringify(name);
    return `export const ${name} = ${given[name] ?? `/* @__PURE__ */ nothing(${text})`};`;
  });
  return [`import { nothing } from ${JSON.stringify(nothing)};`, ...lines].join('\n');
};
