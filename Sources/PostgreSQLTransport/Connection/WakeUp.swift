#if PostgreSQL
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A pipe through which other threads end the wait of the reactor's thread.
final class WakeUp: Sendable {
    /// The end that becomes readable.
    let descriptor: Int32
    private let input: Int32
    /// Whether a byte is in the pipe, or about to be.
    private let isSent = Atomic(false)

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw PostgreSQLError(.unavailable, "no file descriptors for a connection pool: errno \(errno)")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        (descriptor, input) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(input)
    }

    /// Ends the current or the next wait.
    func send() {
        guard !isSent.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = write(input, &byte, 1)
    }

    /// Removes the byte from the pipe.
    func receive() {
        var byte: UInt8 = 0
        _ = read(descriptor, &byte, 1)
        isSent.store(false, ordering: .releasing)
    }
}
#endif
