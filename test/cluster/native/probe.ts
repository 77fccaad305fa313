import { succeeds } from '../exec.ts';
import { addresses } from './addresses.ts';

/** Whether an HTTP server inside the namespace answers 2xx. Asked from within, as loopback there is not ours. */
export function nodeAnswers(url: string): Promise<boolean> {
  const script = 'exec 3<>/dev/tcp/$1/$2; printf "GET $3 HTTP/1.0\\r\\n\\r\\n" >&3; read -r -t 2 line <&3; [[ $line == *" 2"??* ]]';
  const { hostname, port, pathname } = new URL(url);
  return succeeds('nsenter', [`--net=/var/run/netns/${addresses.netns}`, 'bash', '-c', script, 'probe', hostname, port, pathname], {
    timeoutMs: 3000,
  });
}
