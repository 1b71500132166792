/// Purges that have failed and are retried until they succeed. The owner of the value guards it with a lock.
///
/// Its size is bounded: if there are more purges or bytes of text, which clients can choose, a purge of everything replaces them.
package struct PurgeBacklog: Sendable {
    /// The maximum number of purges.
    package static let limit = 1024

    /// The maximum number of bytes in the tags and paths of the purges.
    package static let byteLimit = 1 << 20

    /// The purges, each with the number of its latest failure, for ``remove(_:number:)``.
    package private(set) var purges: [Purge: Int] = [:]
    private var failureCount = 0
    private var byteCount = 0
    private var isRetrying = false

    package init() {}

    /// Whether there are no purges.
    package var isEmpty: Bool { purges.isEmpty }

    /// Adds a purge that has failed.
    package mutating func add(_ purge: Purge) {
        failureCount += 1
        if purges.updateValue(failureCount, forKey: purge) == nil { byteCount += purge.selection.textByteCount }
        if purges.count > Self.limit || byteCount > Self.byteLimit {
            purges = [Purge(selection: .everything, mode: .hard): failureCount]
            byteCount = 0
        }
    }

    /// Removes a purge that has succeeded, unless it has failed again in the meantime.
    package mutating func remove(_ purge: Purge, number: Int) {
        guard purges[purge] == number else { return }
        purges[purge] = nil
        byteCount -= purge.selection.textByteCount
    }

    /// Returns whether the caller must retry the purges. Only one caller does so at a time, and only while there are purges: no purge
    /// can fail between the last check and the end of retrying.
    ///
    /// - Parameter isRetrying: Whether the caller is the one that has been retrying.
    /// - Returns: Whether to retry.
    package mutating func continuesRetrying(_ isRetrying: Bool) -> Bool {
        guard isRetrying || !self.isRetrying else { return false }
        self.isRetrying = !purges.isEmpty
        return self.isRetrying
    }
}
