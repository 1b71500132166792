#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Lets other threads that wait for this processor run first.
///
/// Long computations call it about every half millisecond. Without it, a thread that answers a request can wait for a whole time slice of
/// the scheduler, several milliseconds. If no thread waits, it returns at once.
package func yieldThread() {
    sched_yield()
}
