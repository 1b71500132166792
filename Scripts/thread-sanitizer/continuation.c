// Reports the ordering of continuations to the thread sanitizer: work before a resumption happens before the next work of the waiting
// task. Swift's concurrency library is not instrumented and reports only resumptions of tasks that already wait. Without this
// library, a reply that arrives before the task waits looks like a race. It is loaded before the tests (LD_PRELOAD).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

// The start of the library's ContinuationAsyncContext.
struct context {
    void *parent;
    void *resume;
};

typedef __attribute__((swiftasynccall)) void (*resume_function)(__attribute__((swift_async_context)) struct context *);
typedef __attribute__((swiftasynccall)) void (*await_function)(struct context *);
typedef __attribute__((swiftcall)) void (*task_function)(void *task);
typedef __attribute__((swiftcall)) void (*error_function)(void *task, void *error);

__attribute__((swiftcall)) void *swift_task_getCurrent(void);

static await_function original_await;
static task_function original_resume, original_throwing_resume;
static error_function original_resume_with_error;

__attribute__((constructor)) static void find_originals(void) {
    original_await = (await_function)dlsym(RTLD_NEXT, "swift_continuation_await");
    original_resume = (task_function)dlsym(RTLD_NEXT, "swift_continuation_resume");
    original_throwing_resume = (task_function)dlsym(RTLD_NEXT, "swift_continuation_throwingResume");
    original_resume_with_error = (error_function)dlsym(RTLD_NEXT, "swift_continuation_throwingResumeWithError");
}

// The resume functions of tasks by the addresses of their contexts, which are reused.
enum { bucket_count = 1 << 14 };

struct place {
    struct context *context;
    void *resume;
    struct place *next;
};

static struct bucket {
    atomic_flag lock;
    struct place *places;
} buckets[bucket_count];

static struct place *lock_place(struct context *context, struct bucket **bucket) {
    *bucket = &buckets[((uintptr_t)context >> 4) % bucket_count];
    while (atomic_flag_test_and_set_explicit(&(*bucket)->lock, memory_order_acquire)) {}
    struct place *place = (*bucket)->places;
    while (place && place->context != context) place = place->next;
    return place;
}

static void unlock(struct bucket *bucket) {
    atomic_flag_clear_explicit(&bucket->lock, memory_order_release);
}

// Replaces the resume function of a task: it runs first, whether the task has waited or not.
__attribute__((swiftasynccall)) static void go_on(__attribute__((swift_async_context)) struct context *context) {
    struct bucket *bucket;
    struct place *place = lock_place(context, &bucket);
    resume_function resume = (resume_function)place->resume;
    unlock(bucket);
    __tsan_acquire(swift_task_getCurrent());
    __attribute__((musttail)) return resume(context);
}

__attribute__((swiftasynccall)) void swift_continuation_await(struct context *context) {
    struct bucket *bucket;
    struct place *place = lock_place(context, &bucket);
    if (!place) {
        place = malloc(sizeof(struct place));
        place->context = context;
        place->next = bucket->places;
        bucket->places = place;
    }
    place->resume = context->resume;
    context->resume = (void *)go_on;
    unlock(bucket);
    __attribute__((musttail)) return original_await(context);
}

__attribute__((swiftcall)) void swift_continuation_resume(void *task) {
    __tsan_release(task);
    original_resume(task);
}

__attribute__((swiftcall)) void swift_continuation_throwingResume(void *task) {
    __tsan_release(task);
    original_throwing_resume(task);
}

__attribute__((swiftcall)) void swift_continuation_throwingResumeWithError(void *task, void *error) {
    __tsan_release(task);
    original_resume_with_error(task, error);
}
