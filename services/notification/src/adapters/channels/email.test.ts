import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import type { Channel, OutgoingMessage } from '../../ports.ts';
import { emailBySmtp } from './email.ts';

const message: OutgoingMessage = {
  tenant: 'default',
  id: 'm_abc',
  profileId: 'p_1',
  decisionId: 'd_1',
  campaign: 'welcome_back',
  offer: 'ten',
  language: 'en',
  promotional: true,
  sentAtMs: 1_700_000_000_000,
  leaf: '',
  to: { address: 'ada@example.com', name: 'Ada "A" <x@y.z>,\r\nBcc: all@example.com' },
  subject: 'Hello',
  html: '<p>Hello Ada</p>',
  text: 'Hello Ada',
};

interface Received {
  readonly to: string[];
  readonly source: string;
}

async function server(options: SMTPServerOptions = {}): Promise<{ readonly url: string; readonly received: Received[] }> {
  const received: Received[] = [];
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, session, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        received.push({ to: session.envelope.rcptTo.map(({ address }) => address), source: Buffer.concat(pieces).toString('utf8') });
        done();
      });
    },
    ...options,
  });
  smtp.on('error', () => undefined);
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => smtp.close(() => resolve())));
  return { url: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`, received };
}

function mailer(url: string): Channel {
  const channel = emailBySmtp({ smtpUrl: url, from: { name: 'Gift Barn', address: 'shop@giftbarn.example' } });
  onTestFinished(() => channel.close());
  return channel;
}

const refusing = (responseCode: number): Error => Object.assign(new Error('no'), { responseCode });

test('a mail arrives with both parts, under an id of its own, and to one person whatever the name says', async () => {
  const { url, received } = await server();
  expect(await mailer(url).send(message)).toEqual({ kind: 'sent' });
  const [mail] = received;
  expect(mail?.to).toEqual(['ada@example.com']);
  expect(mail?.source).toMatch(/^Message-ID: <m_abc@giftbarn\.example>\r$/im);
  expect(mail?.source).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  expect(mail?.source).toMatch(/^From: Gift Barn <shop@giftbarn\.example>\r$/m);
  expect(mail?.source).toMatch(/^Date: Tue, 14 Nov 2023/m);
  expect(mail?.source).not.toMatch(/^Bcc:/m);
  expect(mail?.source).not.toMatch(/^List-Unsubscribe:/m);
  expect(mail?.source).toMatch(/Content-Type: text\/plain[\s\S]*Hello Ada[\s\S]*Content-Type: text\/html[\s\S]*<p>Hello Ada<\/p>/);
});

test('a link to unsubscribe travels whole and in one line, beside the header that lets mail programs use it with one click', async () => {
  const { url, received } = await server();
  const channel = mailer(url);
  const unsubscribeUrl = `https://shop.example/attune/unsubscribe/${'x'.repeat(200)}.y`;
  await channel.send({ ...message, unsubscribeUrl });
  await channel.send({ ...message, id: 'm_def' });
  const header = (name: string) => received.map(({ source }) => new RegExp(`^${name}: (.*)\r$`, 'm').exec(source.replaceAll('\r\n ', ' '))?.[1]);
  expect(header('List-Unsubscribe')).toEqual([`<${unsubscribeUrl}>`, undefined]);
  expect(header('List-Unsubscribe-Post')).toEqual(['List-Unsubscribe=One-Click', undefined]);
});

test('a recipient that the server does not know is refused for good, a busy server is away', async () => {
  const unknown = await server({ onRcptTo: (_address, _session, done) => done(refusing(550)) });
  const busy = await server({ onRcptTo: (_address, _session, done) => done(refusing(451)) });
  expect(await mailer(unknown.url).send(message)).toEqual({ kind: 'refused', reason: 'ADDRESS_REFUSED' });
  expect(await mailer(busy.url).send(message)).toEqual({ kind: 'away' });
});

test('a server that refuses the message, or us, says nothing against the address', async () => {
  const spam = await server({ onData: (stream, _session, done) => void stream.resume().on('end', () => done(refusing(554))) });
  const stranger = await server({ onMailFrom: (_address, _session, done) => done(refusing(550)) });
  expect(await mailer(spam.url).send(message)).toEqual({ kind: 'refused', reason: 'MESSAGE_REFUSED' });
  expect(await mailer(stranger.url).send(message)).toEqual({ kind: 'away' });
});

test('a server that is not there is away', async () => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  expect(await mailer(`smtp://127.0.0.1:${port}`).send(message)).toEqual({ kind: 'away' });
});

test('a server that hangs up before it asked for the mail is away, after it took the mail nobody knows', async () => {
  const early = createServer((socket) => {
    socket.write('220 hi\r\n');
    socket.on('data', (said) => (String(said).startsWith('RCPT') ? socket.destroy() : socket.write('250 ok\r\n')));
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => early.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void early.close());
  const late = createServer((socket) => {
    socket.write('220 hi\r\n');
    let body = false;
    socket.on('data', (said) => {
      if (body && String(said).includes('\r\n.\r\n')) socket.destroy();
      else if (String(said).startsWith('DATA')) {
        body = true;
        socket.write('354 go on\r\n');
      } else if (!body) socket.write('250 ok\r\n');
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => late.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void late.close());
  expect(await mailer(`smtp://127.0.0.1:${(early.address() as AddressInfo).port}`).send(message)).toEqual({ kind: 'away' });
  expect(await mailer(`smtp://127.0.0.1:${(late.address() as AddressInfo).port}`).send(message)).toEqual({ kind: 'unknown' });
});

test('an address that programs read in two ways never reaches a server, however much it would take', async () => {
  let connections = 0;
  const lenient = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined).destroy();
  });
  await new Promise<void>((resolve) => lenient.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void lenient.close());
  const channel = mailer(`smtp://127.0.0.1:${(lenient.address() as AddressInfo).port}`);
  for (const address of ['a@b.c, d@e.f', '"x@evil.example"@good.example', 'user@good.example(x)evil.example', 'a@b.c\r\nRCPT TO:<d@e.f>', 'a b@c.de']) {
    expect(await channel.send({ ...message, to: { address, name: '' } })).toEqual({ kind: 'refused', reason: 'ADDRESS_REFUSED' });
  }
  expect(connections).toBe(0);
});
