/** A text as the value of spec.env: the kubelet reads `$(NAME)` as a variable and `$$` as one `$`; doubling every `$` keeps a text with either as it is. */
export function envValue(text: string): string {
  return /\$[($]/.test(text) ? text.replaceAll('$', '$$$$') : text;
}

/** The text that a container has of such a value, as far as no variable is named in it. */
export function envText(value: string): string {
  return value.replaceAll('$$', '$');
}
