import { naming } from '../errors.ts';
import { DeleteObjectCommand, GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '../sdk/s3.ts';

/** A bucket, and the ways in which we use one. */
export type Bucket = { readonly s3: S3Client; readonly bucket: string };

const contentType = 'application/gzip';

const asking = <T>({ s3, bucket }: Bucket, operation: string, call: () => Promise<T>): Promise<T> =>
  naming({ operation, resource: `the bucket ${bucket}` }, s3.config, call);

/** @param signal Ends it, retries included. */
export const putObject = async (place: Bucket, key: string, body: Uint8Array, signal?: AbortSignal): Promise<void> => {
  const command = new PutObjectCommand({ Bucket: place.bucket, Key: key, Body: body, ContentType: contentType });
  await asking(place, 'PutObject', () => place.s3.send(command, signal ? { abortSignal: signal } : {}));
};

/** Nothing where there is none: it was never written, or has outlived its time. */
export const getObject = (place: Bucket, key: string): Promise<Uint8Array | undefined> =>
  asking(place, 'GetObject', async () => {
    try {
      const { Body } = await place.s3.send(new GetObjectCommand({ Bucket: place.bucket, Key: key }));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  });

export const deleteObject = async (place: Bucket, key: string): Promise<void> => {
  await asking(place, 'DeleteObject', () => place.s3.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: key })));
};
