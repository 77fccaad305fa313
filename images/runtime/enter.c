/*
 * Starts the bridge in a container whose image is somebody else's: it may have no libc, another one, or no file at all.
 *
 * The kernel tells by which path this was executed (AT_EXECFN); everything else lies beside it: Node, its libraries and their loader, so nothing of the image is
 * used. What in the environment would change how these work (the image's own NODE_OPTIONS, LD_PRELOAD, …) is renamed to LULL_ENV_NAME, from which the bridge
 * gives it back to the handler. A PATH of /proc, by which this file was found, goes: it is not the image's (operator/function/image-containers.ts).
 *
 * Static, and C because it must start in any image within a millisecond.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern char **environ;

static const char *const affects_bridge[] = {"NODE_", "LD_", "UV_", "OPENSSL_", "SSL_CERT_", "GLIBC_TUNABLES=", "MALLOC_", "LOCPATH=", NULL};

static int affects(const char *variable) {
  for (const char *const *prefix = affects_bridge; *prefix; prefix++)
    if (strncmp(variable, *prefix, strlen(*prefix)) == 0) return 1;
  return 0;
}

static char *joined(const char *a, const char *b) {
  char *text = malloc(strlen(a) + strlen(b) + 1);
  if (!text) _exit(126);
  return strcat(strcpy(text, a), b);
}

int main(void) {
  char *folder = strdup((const char *)getauxval(AT_EXECFN));
  char *slash = folder ? strrchr(folder, '/') : NULL;
  if (!slash) return 126;
  *slash = '\0';
  char **kept = environ;
  for (char **variable = environ; *variable; variable++) {
    if (strncmp(*variable, "PATH=/proc/", 11) == 0) continue;
    *kept++ = affects(*variable) ? joined("LULL_ENV_", *variable) : *variable;
  }
  *kept = NULL;
  char *loader = joined(folder, "/lib/ld.so");
  char *const command[] = {loader, "--inhibit-cache", "--library-path", joined(folder, "/lib"), joined(folder, "/node"),
                           // A small young generation, as in the runtime's own image (images/runtime/Dockerfile).
                           "--max-semi-space-size=1", "--max-old-space-size=64",
                           // Node would follow the link /proc/PID/root by its text, which is "/"; also for what the bridge loads later.
                           "--preserve-symlinks-main", "--preserve-symlinks", joined(folder, "/bridge.cjs"), NULL};
  execve(loader, command, environ);
  perror(loader);
  return 127;
}
