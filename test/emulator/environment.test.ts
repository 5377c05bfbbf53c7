import { describe, expect, it } from 'vitest';
import { credentials, emulatedEnvironment, refuseRealAws } from '../support/emulator/environment.ts';

const good = emulatedEnvironment('http://127.0.0.1:4566', '/home/of/the/emulator');

describe('the guard before every cdk command', () => {
  it.each(['http://127.0.0.1:4566', 'http://localhost:4566', 'http://[::1]:4566'])('lets %s pass', (endpoint) => {
    expect(() => refuseRealAws({ ...good, AWS_ENDPOINT_URL: endpoint })).not.toThrow();
  });

  it.each([
    undefined,
    '',
    'not a URL',
    'https://sqs.us-east-1.amazonaws.com',
    'http://10.0.0.7:4566',
    'http://127.0.0.1.example.com',
    'http://127.0.0.1@example.com',
  ])('refuses the endpoint %s', (endpoint) => {
    expect(() => refuseRealAws({ ...good, AWS_ENDPOINT_URL: endpoint })).toThrow(/refused: the AWS endpoint/);
  });

  it.each([
    { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE' },
    { AWS_ACCESS_KEY_ID: '123456789012' },
    { AWS_ACCESS_KEY_ID: undefined },
    { AWS_SECRET_ACCESS_KEY: 'another' },
  ])('refuses the credentials of %o', (changed) => {
    expect(() => refuseRealAws({ ...good, ...changed })).toThrow(/credentials are not the dummy ones/);
  });

  it.each([
    'AWS_PROFILE',
    'AWS_SESSION_TOKEN',
    'AWS_ENDPOINT_URL_S3',
    'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
  ])('refuses an environment with %s', (name) => {
    expect(() => refuseRealAws({ ...good, [name]: 'x' })).toThrow(`${name} may lead to a real AWS account`);
  });

  it("refuses a person's own files of credentials and profiles", () => {
    expect(() => refuseRealAws({ ...good, AWS_CONFIG_FILE: '/home/me/.aws/config' })).toThrow(/AWS_CONFIG_FILE/);
    expect(() => refuseRealAws({ ...good, AWS_SHARED_CREDENTIALS_FILE: undefined })).toThrow(/CREDENTIALS_FILE is ""/);
  });

  it('tells no secret when it refuses', () => {
    const secret = 'wJalrXUtnFEMI';
    const attempt = (): void => refuseRealAws({ ...good, AWS_SECRET_ACCESS_KEY: secret });
    expect(attempt).toThrow(expect.not.objectContaining({ message: expect.stringContaining(secret) }));
    expect(credentials.accessKeyId).toBe('000000000000');
  });
});
