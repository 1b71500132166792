import NIOCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The numbers of threads, in the order of their first look-up.
///
/// The threads that do most look-ups, one per processor, thereby have consecutive numbers and rarely share a lock that is selected
/// by number.
enum ThreadNumber {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let failure = pthread_key_create(&key, nil)
        precondition(failure == 0, "the process has no thread-specific key left")
        return key
    }()
    private static let count = Atomic(0)

    /// The number of locks from which a thread's number should select, a power of two.
    ///
    /// There are more locks than processors, up to a limit, because threads come and go, and the numbers of two running threads may
    /// select the same lock.
    static let lockCount = {
        var count = 4
        while count < min(4 * System.coreCount, 32) { count *= 2 }
        return count
    }()

    /// The number of the calling thread; numbers start at 1.
    @inline(__always)
    static var current: Int {
        if let number = pthread_getspecific(key) { return Int(bitPattern: number) }
        return assign()
    }

    @inline(never)
    private static func assign() -> Int {
        let number = count.add(1, ordering: .relaxed).newValue
        pthread_setspecific(key, UnsafeRawPointer(bitPattern: number))
        return number
    }
}
