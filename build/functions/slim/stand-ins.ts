/** Modules by their file, and what is in the bundle in their place. */
export const standIns: Readonly<Record<string, string>> = {
  // Signs for the region `*` too, of multi-region access points and global endpoints; for each other it asks this one.
  '@aws-sdk/signature-v4-multi-region/dist-es/index.js':
    "export { SignatureV4 as SignatureV4MultiRegion, SignatureV4 as SignatureV4SignWithCredentials } from '@smithy/signature-v4';",
  // Our websockets are clients that do not compress, and are not listened to in a browser's way.
  'ws/lib/event-target.js': 'module.exports = { EventTarget: {} };',
  'ws/lib/extension.js': 'module.exports = {};',
  'ws/lib/permessage-deflate.js': `module.exports = class {
    static extensionName = 'permessage-deflate';
    constructor() {
      throw new Error('no compression of websockets in this bundle: see build/functions/slim/stand-ins.ts');
    }
  };`,
  'ws/lib/stream.js': '',
  'ws/lib/subprotocol.js': '',
  'ws/lib/websocket-server.js': '',
  // Of `toProto` and `fromProto`.
  '@datadog/sketches-js/dist/ddsketch/proto/compiled.js': '',
};
