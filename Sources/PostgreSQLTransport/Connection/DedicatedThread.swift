#if PostgreSQL
#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Threads for calls that block.
enum DedicatedThread {
    /// Runs a closure on a new thread.
    ///
    /// - Returns: False if the system has no further thread.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let work = Unmanaged.passRetained(ThreadWork(body))
        let pointer = work.toOpaque()
        #if canImport(Darwin)
        var thread: pthread_t?
        let result = pthread_create(&thread, nil, { runWork($0) }, pointer)
        guard result == 0, let thread else {
            work.release()
            return false
        }
        #else
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, { runWork($0) }, pointer)
        guard result == 0 else {
            work.release()
            return false
        }
        #endif
        pthread_detach(thread)
        return true
    }
}

private final class ThreadWork {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

private func runWork(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let pointer else { return nil }
    Unmanaged<ThreadWork>.fromOpaque(pointer).takeRetainedValue().body()
    return nil
}
#endif
