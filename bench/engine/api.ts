/**
 * One client of the engine: requests over its socket, on connections that are kept.
 *
 * - connectTo(socket)  → { call(method, path, body?), close() }
 */
import { Agent, request } from 'node:http';

export interface Api {
  /** What the answer's JSON says. @throws Error with the answer's text if it is a refusal */
  call(method: string, path: string, body?: unknown): Promise<Answered>;
  close(): void;
}

/** The members of answers that the bench looks at. */
export interface Answered {
  readonly Id?: string;
  readonly StatusCode?: number;
}

export function connectTo(socketPath: string): Api {
  const agent = new Agent({ keepAlive: true });
  return {
    call: async (method, path, body) => {
      const text = await exchange({ socketPath, agent, method, path }, body);
      return text.startsWith('{') && !text.includes('}\n{') ? JSON.parse(text) : {};
    },
    close: () => agent.destroy(),
  };
}

interface Target {
  readonly socketPath: string;
  readonly agent: Agent;
  readonly method: string;
  readonly path: string;
}

function exchange(target: Target, body: unknown): Promise<string> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = text === undefined ? {} : { 'Content-Type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request({ ...target, headers }, answer => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => {
        const found = Buffer.concat(pieces).toString();
        if ((answer.statusCode ?? 500) < 400) return resolve(found);
        reject(new Error(`${target.method} ${target.path}: ${answer.statusCode} ${found}`));
      });
    });
    asked.on('error', reject);
    asked.end(text);
  });
}
