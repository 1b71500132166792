import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Numbers the threads that look entries up, in the order in which they first do.
///
/// So the threads that do most of it, one for each processor, have numbers that follow each other, and seldom share a lock that is
/// picked by number.
enum ThreadNumber {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let failure = pthread_key_create(&key, nil)
        precondition(failure == 0, "the process has no thread-specific key left")
        return key
    }()
    private static let count = Atomic(0)

    /// The number of the thread that asks, from 1 on.
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
