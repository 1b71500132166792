import Foundation

/// A lock between the processes that share a file.
enum FileLock {
    /// Acquiring the lock failed.
    struct Failure: Error, CustomStringConvertible {
        let path: String
        let reason: Int32

        var description: String { "acquiring the lock \(path) failed: \(String(cString: strerror(reason)))" }
    }

    /// Runs `body` while no other process, and no other caller in this one, holds the same lock.
    ///
    /// - Parameters:
    ///   - path: The path of the lock file, which is created and not removed. It must not be a database: closing that
    ///     would release the locks of SQLite.
    ///   - body: The work under the lock.
    /// - Returns: The result of `body`.
    /// - Throws: ``Failure``, or the error of `body`.
    static func withLock<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure(path: path, reason: errno) }
        // Also releases the lock. The system does it for a process that dies.
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw Failure(path: path, reason: errno) }
        }
        return try body()
    }
}
