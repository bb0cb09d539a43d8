/* The clock of the machine as the file CLOCK_FILE says, in seconds from what it is: for a service that runs, and can be changed meanwhile.
   Only the time of day: the clock by which waits are measured goes on, as on a machine that is set right. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t which, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (!real)
        real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(which, now);
    const char *name = getenv("CLOCK_FILE");
    if (!failed && which == CLOCK_REALTIME && name) {
        FILE *file = fopen(name, "r");
        long more;
        if (file) {
            if (fscanf(file, "%ld", &more) == 1)
                now->tv_sec += more;
            fclose(file);
        }
    }
    return failed;
}
