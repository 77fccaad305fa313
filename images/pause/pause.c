/*
 * The process that holds a pod's namespaces: waits, reaps whatever is left to it, and ends when asked.
 * Written here because the usual image of this kind would have to come from a registry.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void reap(int signal_number) {
  (void)signal_number;
  while (waitpid(-1, NULL, WNOHANG) > 0) {
  }
}

static void end(int signal_number) {
  (void)signal_number;
  _exit(0);
}

int main(void) {
  struct sigaction reaping = {.sa_handler = reap, .sa_flags = SA_NOCLDSTOP};
  struct sigaction ending = {.sa_handler = end};
  sigaction(SIGCHLD, &reaping, NULL);
  sigaction(SIGINT, &ending, NULL);
  sigaction(SIGTERM, &ending, NULL);
  for (;;) pause();
}
