import type { ProtocolError, ResponseHead } from '../http1/message.ts';

/** What the activator adds to the pod's answer. */
export interface AnswerExtras {
  requestId: string;
  serverTiming: string | undefined;
}

/** The client's half of an exchange. Nothing is sent before `flush`, or the end of the turn in which it was written. */
export interface ClientSide {
  /** The client's address, as its connection has it. */
  readonly address: string;
  /** Whether the connection is encrypted. */
  readonly encrypted: boolean;
  /** When the connection was made, on the listener's clock; Infinity for one that is never asked to leave. */
  readonly openedAt: number;
  /** The connection's next answer closes it: its client is to connect anew, and is led elsewhere then. */
  leave(): void;
  /** An interim answer (100, 102, 103). */
  informational(head: ResponseHead): void;
  /** @param close the connection must not be used again: the request's body has not been read to its end */
  answer(head: ResponseHead, extras: AnswerExtras, close: boolean): void;
  /** @param chunk valid during the call only; false when the client does not take more for now */
  answerData(chunk: Buffer): boolean;
  /** Sends what was written so far. */
  flush(): boolean;
  answerEnd(trailers: string[] | undefined): void;
  /** Breaks the answer off, so that the client sees that it is not whole. */
  abort(): void;
  /** Stops reading the request's body, and goes on. */
  pauseBody(): void;
  resumeBody(): void;
  /** From here on bytes go both ways untouched, by `answerData` and the exchange's `bodyData`. Answers with 101. */
  turnOver(head: ResponseHead, extras: AnswerExtras): void;
  /** The pod has ended its half of a connection that was turned over. */
  finishTurnedOver(): void;
}

/** What takes a request as its client's connection reads it. */
export interface RequestSink {
  /** @param chunk valid during the call only; false when no more can be taken for now */
  bodyData(chunk: Buffer): boolean;
  bodyEnd(trailers: string[] | undefined): void;
  /** The head and what came with it are there. */
  admit(): void;
  /** The client took what it had been sent. */
  clientDrained(): void;
  clientLeft(): void;
  /** The client stopped sending in the middle of its request. */
  clientStalled(): void;
  /** What the client sent in the middle of its request is not HTTP. */
  clientBroke(error: ProtocolError): void;
}

/** The pod's half of an exchange: a connection that carries this one request now. */
export interface PodSide {
  /** @param chunk valid during the call only; false when it does not take more for now */
  body(chunk: Buffer): boolean;
  bodyEnd(trailers: string[] | undefined): void;
  /** Ends the connection, or the stream: the pod sees that nobody waits any longer. */
  abort(): void;
  /** Stops reading the answer, and goes on. */
  pause(): void;
  resume(): void;
}
