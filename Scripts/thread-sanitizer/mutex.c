// Reports the contended paths of Swift's Mutex to the thread sanitizer. They are in a library without instrumentation, so without
// this, accesses under a contended lock look like races. It is loaded before the tests (LD_PRELOAD).
//
// The uncontended paths are inlined into the tests and instrumented with them.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT_METHOD __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

void __tsan_acquire(void *address);
void __tsan_release(void *address);

// Synchronization._MutexHandle._lockSlow(Swift.UInt32) -> ()
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
// Synchronization._MutexHandle._tryLockSlow() -> Swift.Bool
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
// Synchronization._MutexHandle._unlockSlow() -> ()
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT_METHOD void lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT_METHOD bool try_lock(SELF) __asm__(TRY_LOCK);
SWIFT_METHOD void unlock(SELF) __asm__(UNLOCK);

SWIFT_METHOD void lock(uint32_t thread, SELF) {
    SWIFT_METHOD void (*original)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
    original(thread, self);
    __tsan_acquire(self);
}

SWIFT_METHOD bool try_lock(SELF) {
    SWIFT_METHOD bool (*original)(SELF) = dlsym(RTLD_NEXT, TRY_LOCK);
    bool taken = original(self);
    if (taken) __tsan_acquire(self);
    return taken;
}

SWIFT_METHOD void unlock(SELF) {
    SWIFT_METHOD void (*original)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
    __tsan_release(self);
    original(self);
}
