/* A runtime of the Lambda Runtime API in C, on musl: answers each event with {"event": EVENT, "libc": "musl", "tmp": whether /tmp may be written to}. */
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static char answer[1 << 20];

/* One request on a connection of its own. Returns where the body of the answer begins; `id` gets Lambda-Runtime-Aws-Request-Id, if there is one. */
static char *call(const char *api, const char *method, const char *path, const char *body, char *id) {
  char host[256];
  snprintf(host, sizeof host, "%s", api);
  char *port = strrchr(host, ':');
  *port++ = '\0';
  struct addrinfo *address, hints = {.ai_socktype = SOCK_STREAM};
  if (getaddrinfo(host, port, &hints, &address)) exit(3);
  int fd = socket(address->ai_family, SOCK_STREAM, 0);
  if (connect(fd, address->ai_addr, address->ai_addrlen)) exit(4);
  freeaddrinfo(address);
  dprintf(fd, "%s /2018-06-01/runtime/%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", method, path, api,
          strlen(body), body);
  size_t length = 0;
  for (ssize_t n; length < sizeof answer - 1 && (n = read(fd, answer + length, sizeof answer - 1 - length)) > 0;) length += (size_t)n;
  answer[length] = '\0';
  close(fd);
  char *head_end = strstr(answer, "\r\n\r\n");
  if (!head_end) exit(5);
  *head_end = '\0';
  for (char *line = answer; id && line; line = strstr(line, "\r\n"), line = line ? line + 2 : NULL)
    if (strncasecmp(line, "lambda-runtime-aws-request-id:", 30) == 0) sscanf(line + 30, " %63[^\r\n]", id);
  return head_end + 4;
}

int main(void) {
  const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
  if (!api) return 2;
  static char path[128], result[(1 << 20) + 128];
  for (;;) {
    char id[64] = "";
    char *event = call(api, "GET", "invocation/next", "", id);
    printf("musl got %zu bytes\n", strlen(event));
    fflush(stdout);
    snprintf(result, sizeof result, "{\"event\":%s,\"libc\":\"musl\",\"tmp\":%s}", event, access("/tmp", W_OK) == 0 ? "true" : "false");
    snprintf(path, sizeof path, "invocation/%s/response", id);
    call(api, "POST", path, result, NULL);
  }
}
