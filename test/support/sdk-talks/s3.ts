import { crc32 } from 'node:zlib';
import { type Answer, answer, asBase64, type Open, type Sdk, type Talk, xmlFault } from './talk.ts';

const text = 'all that was measured';
const object = (headers: Answer['headers']): Answer =>
  answer(200, text, {
    'content-type': 'application/gzip',
    'content-length': String(text.length),
    etag: '"e"',
    ...headers,
  });

const bucket = { Bucket: 'plimsoll-samples', Key: 'dev/probe=api read/ä.json.gz' };

export const s3Talks: readonly Talk[] = [
  {
    says: 'GetObject, with a CRC-32',
    ask: ({ s3 }, open) => open(s3.S3Client).send(new s3.GetObjectCommand(bucket)),
    answers: [object({ 'x-amz-checksum-crc32': asBase64(crc32(text)) })],
  },
  {
    says: 'GetObject, with the CRC-64 that S3 makes by itself',
    ask: ({ s3 }, open) => open(s3.S3Client).send(new s3.GetObjectCommand(bucket)),
    answers: [object({ 'x-amz-checksum-crc64nvme': 'aXTpmYGVNTM=' })],
  },
  {
    says: 'GetObject, of which something was lost',
    ask: ({ s3 }, open) => open(s3.S3Client).send(new s3.GetObjectCommand(bucket)),
    answers: [object({ 'x-amz-checksum-crc32': asBase64(1) })],
  },
  ...(['us-east-1', 'cn-north-1', 'us-gov-west-1'] as const).map((region) => ({
    says: `GetObject in ${region}, of a bucket with dots, on the second attempt`,
    ask: ({ s3 }: Sdk, open: Open) =>
      open(s3.S3Client, { region }).send(new s3.GetObjectCommand({ Bucket: 'my.own.bucket', Key: 'k' })),
    answers: [xmlFault(503, 'SlowDown'), object({})],
  })),
  ...['NoSuchKey', 'NoSuchBucket', 'AccessDenied', 'PermanentRedirect'].map((code, index) => ({
    says: `GetObject, refused with ${code}`,
    ask: ({ s3 }: Sdk, open: Open) => open(s3.S3Client).send(new s3.GetObjectCommand(bucket)),
    answers: [xmlFault([404, 404, 403, 301][index] ?? 400, code)],
  })),
  {
    says: 'PutObject, at an endpoint of its own',
    ask: ({ s3 }, open) =>
      open(s3.S3Client, { endpoint: 'http://127.0.0.1:4566' }).send(
        new s3.PutObjectCommand({ ...bucket, Body: Buffer.from(text), ContentType: 'application/gzip' }),
      ),
    answers: [answer(200, '', { etag: '"e"', 'x-amz-checksum-crc32': asBase64(crc32(text)) })],
  },
  {
    says: 'PutObject, of more than S3 takes unasked',
    ask: ({ s3 }, open) =>
      open(s3.S3Client).send(new s3.PutObjectCommand({ ...bucket, Body: Buffer.alloc(2_100_000, 'x') })),
    answers: [answer(200, '', { etag: '"e"' })],
  },
  {
    says: 'DeleteObject',
    ask: ({ s3 }, open) => open(s3.S3Client).send(new s3.DeleteObjectCommand(bucket)),
    answers: [answer(204, '')],
  },
];
