import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { seededRandom } from '@attune/kernel/random';

const [AWAY, HANGS_UP] = [0.15, 0.1] as const;

/** A mail server that keeps the Message-ID of each mail that it took; sometimes it is away, sometimes it hangs up instead of saying that it has the mail. Test only. */
export class FaultyMailServer {
  readonly mails: string[] = [];
  readonly #random: () => number;
  readonly #server: Server;

  private constructor(seed: string) {
    this.#random = seededRandom(`mails ${seed}`);
    this.#server = createServer((socket) => this.#talk(socket));
  }

  /** One that listens on a port of its own. */
  static async listening(seed: string): Promise<FaultyMailServer> {
    const made = new FaultyMailServer(seed);
    made.#server.listen(0, '127.0.0.1');
    await once(made.#server, 'listening');
    return made;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }

  #talk(socket: Socket): void {
    let inMail = false;
    let messageId = '';
    const say = (words: string): boolean => socket.write(`${words}\r\n`);
    const taken = (): void => {
      this.mails.push(messageId);
      if (this.#random() < HANGS_UP) socket.destroy();
      else say('250 taken');
    };
    socket.on('error', () => undefined);
    say('220 ready');
    createInterface({ input: socket }).on('line', (line) => {
      if (!inMail) {
        inMail = /^DATA/i.test(line);
        if (inMail) say('354 go on');
        else say(/^RCPT/i.test(line) && this.#random() < AWAY ? '451 later' : '250 ok');
        return;
      }
      if (/^Message-ID: /i.test(line)) messageId = line.slice('Message-ID: '.length);
      inMail = line !== '.';
      if (!inMail) taken();
    });
  }
}
