import type { Request } from '../protocol.ts';
import { Session } from './session.ts';

const session = new Session((report, transfer = []) => self.postMessage(report, { transfer }));

// A message to oneself comes after those that wait, and without the pause that timers make.
const { port1: next, port2: ask } = new MessageChannel();
let asked = false;

function goOn(): void {
  if (asked || session.state !== 'running') return;
  asked = true;
  ask.postMessage(null);
}

next.onmessage = () => {
  asked = false;
  session.slice();
  goOn();
};

let heard = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Request>) => {
  heard = heard.then(() => session.hear(data)).then(goOn);
};
