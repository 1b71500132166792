import HTTPPipeline
import HTTPTypes
import Synchronization

/// Remembers for a short while which fields answers had, by their tags, so that a 304 has them without the handler.
///
/// The table has two generations. A new entry goes to the younger; when that is full it becomes the older, and what was not
/// used since is gone. That bounds the memory without a list of who was used when.
final class NotModifiedFields: Sendable {
    struct Key: Hashable {
        /// The tag's text.
        var tag: ByteText
        /// What the tag is a tag of.
        var target: ByteText
        /// Who asks: what one client was given says nothing of what another would be.
        var credentials: Int
    }

    private struct Entry {
        var reply: Reply
        var learned: Timestamp
    }

    private struct Generations {
        var younger: [Key: Entry] = [:]
        var older: [Key: Entry] = [:]
    }

    private let generations = Mutex(Generations())
    private let limit: Int
    private let timeSource: any TimeSource

    /// How long fields are used: what a handler says of its answers may change while the tag stays.
    static let lifetime = Duration.seconds(60)

    /// What is remembered has at most this many bytes an entry, so that nobody can fill the memory with long targets.
    private static let byteLimit = 2048

    /// Creates an empty memory.
    ///
    /// - Parameters:
    ///   - limit: The number of entries of a generation.
    ///   - timeSource: Tells how old an entry is.
    init(limit: Int = 2048, timeSource: any TimeSource) {
        self.limit = limit
        self.timeSource = timeSource
    }

    /// The 304 for answers with this tag, or nil when their fields are not known.
    func reply(for key: Key) -> Reply? {
        let now = timeSource.now
        return generations.withLock { generations in
            let young = generations.younger[key]
            guard let entry = young ?? generations.older[key], now - entry.learned < Self.lifetime else { return nil }
            if young == nil { insert(entry, for: key, into: &generations) }
            return entry.reply
        }
    }

    /// Remembers the fields of a successful answer, if they are not known.
    ///
    /// An answer with Expires is not remembered: that field is a moment, which the next answer would have later.
    func learn(_ reply: Reply, for key: Key) {
        guard self.reply(for: key) == nil, !reply.headerFields.contains(.expires) else { return }
        let notModified = reply.notModified
        let size = notModified.headerFields.reduce(key.target.text.utf8.count + key.tag.text.utf8.count) {
            $0 + $1.value.utf8.count
        }
        guard size <= Self.byteLimit else { return }
        let entry = Entry(reply: notModified, learned: timeSource.now)
        generations.withLock { insert(entry, for: key, into: &$0) }
    }

    private func insert(_ entry: Entry, for key: Key, into generations: inout Generations) {
        if generations.younger.count >= limit {
            swap(&generations.older, &generations.younger)
            generations.younger.removeAll(keepingCapacity: true)
        }
        generations.younger[key] = entry
    }
}
