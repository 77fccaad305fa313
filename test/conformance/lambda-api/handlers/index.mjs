// Does what its event says; anything else is its answer.
export const handler = async (event, context) => {
  switch (event?.do) {
    case 'nothing':
      return undefined;
    case 'print':
      for (let i = 0; i < (event.lines ?? 1); i += 1) console.log(`line ${i} ${event.tag ?? ''}`);
      return 'printed';
    case 'fail':
      throw new RangeError('as asked');
    case 'context':
      return { custom: context.clientContext?.custom, env: context.clientContext?.env, name: context.functionName };
    default:
      return event;
  }
};
