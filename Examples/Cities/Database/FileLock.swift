import Foundation

/// Keeps the processes that share a file from doing the same at the same time.
enum FileLock {
    /// The lock cannot be taken.
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let reason: Int32

        var description: String { "the lock \(path) cannot be taken: \(String(cString: strerror(reason)))" }
    }

    /// Runs `body` while no other process, and nobody else in this one, runs what holds the same lock.
    ///
    /// - Parameters:
    ///   - path: The path of the file that is the lock. It is made, and stays. It is not a database: closing that would end
    ///     the locks that SQLite has on it.
    ///   - body: What is to be done.
    /// - Returns: What `body` returns.
    /// - Throws: ``Failure``, and what `body` throws.
    static func withLock<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(path: path, reason: errno) }
        // Ends the lock, too. The system does it for a process that dies.
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw Failure(path: path, reason: errno) }
        }
        return try body()
    }
}
