import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { leaveOut } from '../../build/functions/slim/left-out.ts';
import * as whole from '../fixtures/functions/doors.ts';
import { makeAwsPlace } from '../support/aws-store.ts';
import { type Doors, loadBundledDoors } from '../support/bundled.ts';
import { describeWithEmulator, sharedEmulator } from '../support/emulator/suite.ts';
import { shared } from '../support/fresh.ts';
import { speak } from '../support/sdk-talks/speak.ts';
import { talkOf, talks } from '../support/sdk-talks.ts';
import { startStingyAws } from '../support/stingy-aws.ts';
import { describeStoreContract } from '../support/store-contract.ts';

describe('the AWS SDK in a bundle', () => {
  const bundled = shared(() => loadBundledDoors());
  // A signature holds the time, and an answer how long it waited between attempts.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 31) });
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it.each(talks.map((talk) => [talk.says, talk] as const))(
    'says and hears what the whole one does: %s',
    async (_, talk) => {
      const [bare, slim] = [await speak(talk, whole), await speak(talk, bundled().doors)];
      expect(bare.requests.length).toBeGreaterThan(0);
      expect(slim).toEqual(bare);
    },
  );

  it('speaks of each operation that a function has a use for', () => {
    const { WebSocket, loadMatchEngines, openClients, openDynamoStore, openSamples, ...sdk } = whole;
    const operations = Object.values(sdk).flatMap((door) =>
      Object.keys(door).filter((name) => name.endsWith('Command')),
    );
    const spoken = talks.map(({ says }) => `${/^\w+/.exec(says)?.[0]}Command`);
    expect(operations.filter((name) => !spoken.includes(name))).toEqual([]);
  });

  it('names an error that we do not name by the name that AWS sends', async () => {
    const talk = talkOf('ChangeMessageVisibility, refused');
    const header = { 'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender' };
    const answers = talk.answers.map((answer) => ({ ...answer, headers: { ...answer.headers, ...header } }));
    const { outcome } = await speak({ ...talk, answers }, bundled().doors);
    expect(outcome).toMatchObject({
      name: 'AWS.SimpleQueueService.NonExistentQueue',
      message: 'that is QueueDoesNotExist',
    });
  });

  const core = '@smithy/core/dist-es/submodules';
  const s3 = '@aws-sdk/middleware-sdk-s3/dist-es/submodules/s3';

  const differs = async (says: string, { doors }: { readonly doors: Doors }): Promise<unknown> => {
    const [bare, slim] = [await speak(talkOf(says), whole), await speak(talkOf(says), doors)];
    expect(slim).not.toEqual(bare);
    return slim;
  };

  it('would be caught when something is left out of it that is called', async () => {
    const planted = await loadBundledDoors({ [`${core}/checksum/sha256/Sha256Node.js`]: {} });
    expect(await differs('GetItem', planted)).toMatchObject({
      outcome: { message: 'Sha256Node was called, which is not in this bundle: see build/functions/slim/left-out.ts' },
    });
    await planted.close();
  });

  it('would be caught when what stands in for something does less', async () => {
    const planted = await loadBundledDoors({
      [`${s3}/middleware-expect-continue/middleware-expect-continue.js`]: {
        getAddExpectContinuePlugin: '() => ({ applyToStack: () => {} })',
      },
    });
    await differs('PutObject, of more than S3 takes unasked', planted);
    await planted.close();
  });

  it('is not built when the SDK has moved what stands in for something', () => {
    const source = "export class Md5Js {}\nexport { other as Md5 } from './other';\n";
    expect(leaveOut(source, { Md5: 'class {}' }, 'md5.js')).toMatch(
      /Md5Js = .*nothing\("Md5Js"\);\nexport const Md5 = class \{\};$/,
    );
    expect(() => leaveOut(source, { Md5Node: 'class {}' }, 'md5.js')).toThrow(
      'md5.js does not export Md5Node: see build/functions/slim/left-out.ts',
    );
    expect(() => leaveOut('', {}, 'md5.js')).toThrow(
      'md5.js does not export anything: see build/functions/slim/left-out.ts',
    );
  });
});

describeWithEmulator('in an emulated AWS, from a bundle,', () => {
  const emulator = sharedEmulator();
  const bundled = shared(() => loadBundledDoors());
  const stingy = shared(() => startStingyAws(emulator().endpoint));

  describeStoreContract(
    'the store in DynamoDB, where pages are short, batches half done and writes in conflict,',
    async () => {
      const place = await makeAwsPlace(emulator());
      const { openClients, openDynamoStore, openSamples } = bundled().doors;
      const { table, bucket, clock } = place;
      const clients = openClients(emulator().clientConfig);
      const dynamo = await openClients({ ...emulator().clientConfig, endpoint: stingy().url }).dynamo();
      const samples = openSamples({ s3: await clients.s3(), bucket });
      const cadenceMs = (probe: string) => (probe === 'weekly' ? 7 * 86_400_000 : undefined);
      const open = async () => openDynamoStore({ dynamo, table, samples, clock, cadenceMs });
      return { store: await open(), reopen: open, cleanup: async () => place.close() };
    },
  );
});
