// A host whose clock is wrong: loaded before the C library (LD_PRELOAD), it shifts what the process reads, and what it waits by.
//
//   HOST_CLOCK=-3600       an hour behind
//   HOST_CLOCK=40,-40@3    40 s ahead for three seconds, then 40 s behind for three, and so on: a clock that steps
//
// librdkafka is left with the right clock: it waits again and again by one absolute time, which no step may move.

#define _GNU_SOURCE
#include "HostClock.h"
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { offsetsMax = 8, nanosecondsPerSecond = 1000000000, part = 20000000, earliestDate = 1000000000 };

static long offsets[offsetsMax];
static int count;
static long period = 1;
static time_t began;

static struct timespec right(clockid_t clock) {
    struct timespec now = {0, 0};
    syscall(SYS_clock_gettime, clock, &now);
    return now;
}

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("HOST_CLOCK");
    began = right(CLOCK_MONOTONIC).tv_sec;
    while (text && *text && count < offsetsMax) {
        char *end;
        offsets[count++] = strtol(text, &end, 10);
        if (*end == '@') period = strtol(end + 1, NULL, 10);
        text = *end == ',' ? end + 1 : NULL;
    }
    if (period < 1) period = 1;
}

/// In seconds, for code of this place.
static long shift(const void *caller) {
    Dl_info place;
    if (!count || (dladdr(caller, &place) && place.dli_fname && strstr(place.dli_fname, "librdkafka"))) return 0;
    return offsets[(right(CLOCK_MONOTONIC).tv_sec - began) / period % count];
}

static struct timespec shifted(clockid_t clock, const void *caller) {
    struct timespec now = right(clock);
    now.tv_sec += shift(caller);
    return now;
}

// What is read.

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return (int)syscall(SYS_clock_gettime, clock, now);
    *now = shifted(clock, __builtin_return_address(0));
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec exact = shifted(CLOCK_REALTIME, __builtin_return_address(0));
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *seconds) {
    struct timespec exact = shifted(CLOCK_REALTIME, __builtin_return_address(0));
    if (seconds) *seconds = exact.tv_sec;
    return exact.tv_sec;
}

// What is waited by. A date is waited for by the wrong clock, and where that steps back it is waited for longer, as by the kernel.

/// Whether a wait until then is over, by the clock of this caller; else the end of its next part, by the monotonic.
static bool isOver(const struct timespec *until, const void *caller, struct timespec *next) {
    struct timespec date = shifted(CLOCK_REALTIME, caller);
    long left = until->tv_nsec - date.tv_nsec;
    time_t seconds = until->tv_sec - date.tv_sec;
    if (seconds < 0 || (seconds == 0 && left <= 0)) return true;
    left = seconds > 1 || seconds * nanosecondsPerSecond + left > part ? part : seconds * nanosecondsPerSecond + left;
    *next = right(CLOCK_MONOTONIC);
    next->tv_nsec += left;
    next->tv_sec += next->tv_nsec / nanosecondsPerSecond;
    next->tv_nsec %= nanosecondsPerSecond;
    return false;
}

int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
    // No date, but a time by the monotonic clock, with which a condition may have been made.
    if (until->tv_sec < earliestDate) return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, until);
    struct timespec next;
    while (!isOver(until, __builtin_return_address(0), &next)) {
        int status = pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, &next);
        if (status != ETIMEDOUT) return status;
    }
    return ETIMEDOUT;
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
    struct timespec next;
    do {
        if (isOver(until, __builtin_return_address(0), &next)) next = right(CLOCK_MONOTONIC);
        if (!sem_clockwait(semaphore, CLOCK_MONOTONIC, &next)) return 0;
    } while (errno == ETIMEDOUT && !isOver(until, __builtin_return_address(0), &next));
    return -1;
}
