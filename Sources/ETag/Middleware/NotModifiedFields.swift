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

    /// A class, so that looking at one copies nothing.
    private final class Entry: Sendable {
        let reply: Reply
        let learned: Timestamp
        /// The life of the stored response that the fields are from; nil for a handler's response.
        let life: EntryLife?
        /// Where the writes to the resource are counted, and how many there had been.
        let slot: Int
        let writeCount: Int

        init(_ reply: Reply, at learned: Timestamp, life: EntryLife?, slot: Int, writeCount: Int) {
            self.reply = reply
            self.learned = learned
            self.life = life
            self.slot = slot
            self.writeCount = writeCount
        }
    }

    private struct Generations {
        var younger: [Key: Entry] = [:]
        var older: [Key: Entry] = [:]
        /// How many writes there have been to the resources of each group of paths.
        var writeCounts = [Int](repeating: 0, count: NotModifiedFields.groupCount)
    }

    private let generations = Mutex(Generations())
    private let writes = Atomic(0)
    private let limit: Int
    private let timeSource: any TimeSource

    /// How long fields are used: what a handler says of its answers may change while the tag stays.
    static let lifetime = Duration.seconds(60)

    /// A count for each path would grow with the paths that clients choose.
    private static let groupCount = 64

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
    func reply(for key: Key) -> Reply? { entry(for: key)?.reply }

    private func entry(for key: Key) -> Entry? {
        let now = timeSource.now
        return generations.withLock { generations in
            let young = generations.younger[key]
            guard let entry = young ?? generations.older[key], now - entry.learned < Self.lifetime,
                entry.life?.isOver != true, generations.writeCounts[entry.slot] == entry.writeCount
            else { return nil }
            if young == nil { insert(entry, for: key, into: &generations) }
            return entry
        }
    }

    /// How many writes there have been, to be read before the handler runs.
    var writeCount: Int { writes.load(ordering: .acquiring) }

    /// Forgets the fields of a resource, which a write may have changed or removed.
    ///
    /// - Parameter target: The target of the write.
    func forget(_ target: String) {
        let slot = Self.slot(of: target)
        writes.add(1, ordering: .acquiringAndReleasing)
        generations.withLock { $0.writeCounts[slot] += 1 }
    }

    /// Remembers the fields of a successful response, if they are not known.
    ///
    /// A response with Expires is not remembered: that field is a moment, which the next response would have later. Of a response
    /// that comes through a cache the fields are valid for as long as the stored response is, which only a store in this process says.
    ///
    /// - Parameters:
    ///   - reply: The response.
    ///   - key: Its tag, target and client.
    ///   - writeCount: ``writeCount`` before the handler ran. A write since then may have changed the resource.
    func learn(_ reply: Reply, for key: Key, since writeCount: Int) {
        let life = reply.body.variants?.life
        guard life.map({ !$0.isOver }) ?? (reply.body.variants == nil && !reply.comesThroughCache) else { return }
        guard entry(for: key) == nil, !reply.headerFields.contains(.expires) else { return }
        let notModified = reply.notModified
        let size = notModified.headerFields.reduce(key.target.text.utf8.count + key.tag.text.utf8.count) {
            $0 + $1.value.utf8.count
        }
        guard size <= Self.byteLimit else { return }
        let (slot, now) = (Self.slot(of: key.target.text), timeSource.now)
        generations.withLock { generations in
            guard writes.load(ordering: .acquiring) == writeCount else { return }
            let count = generations.writeCounts[slot]
            let entry = Entry(notModified, at: now, life: life, slot: slot, writeCount: count)
            insert(entry, for: key, into: &generations)
        }
    }

    private static func slot(of target: String) -> Int {
        var hasher = Hasher()
        var resource = UpdateSerialization.resource(of: target)
        resource.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        return hasher.finalize() & (groupCount - 1)
    }

    private func insert(_ entry: Entry, for key: Key, into generations: inout Generations) {
        if generations.younger.count >= limit {
            swap(&generations.older, &generations.younger)
            generations.younger.removeAll(keepingCapacity: true)
        }
        generations.younger[key] = entry
    }
}
