import HTTPPipeline
import HTTPTypes
import Synchronization

/// A table of recent response fields by entity tag, so that a 304 can have them without running the handler.
///
/// The table has two generations. New entries go to the younger generation. When it is full, it becomes the older one,
/// and entries that have not been used since the previous swap are dropped. This bounds the memory without recording
/// when each entry was used.
final class NotModifiedFields: Sendable {
    struct Key: Hashable {
        /// The text of the tag.
        var tag: ByteText
        /// The target of the request that the tag belongs to.
        var target: ByteText
        /// A hash of the host and the client's credentials, because two clients may get different responses.
        var credentials: Int
    }

    /// Recorded fields. It is a class so that a lookup copies nothing.
    fileprivate final class Entry: Sendable {
        let reply: Reply
        let learned: Timestamp
        /// The life of the cached response that the fields come from; nil for a handler's response.
        let life: EntryLife?
        /// The index of the write counter for the resource, and the value of that counter when the fields were
        /// recorded.
        let slot: Int
        let writeCount: Int
        /// Whether an adapter may send the response again for identical bytes of a request.
        let allowsReuse: Bool

        init(_ reply: Reply, at learned: Timestamp, life: EntryLife?, slot: Int, writeCount: Int) {
            self.reply = reply
            allowsReuse = reply.allowsReuse
            self.learned = learned
            self.life = life
            self.slot = slot
            self.writeCount = writeCount
        }
    }

    private struct Generations {
        var younger: [Key: Entry] = [:]
        var older: [Key: Entry] = [:]
        /// The number of writes to the resources of each group of paths.
        var writeCounts = [Int](repeating: 0, count: NotModifiedFields.groupCount)
    }

    private let generations = Mutex(Generations())
    private let writes = Atomic(0)
    private let limit: Int
    private let timeSource: any TimeSource

    /// The lifetime of recorded fields: a handler may change other fields of its responses while the tag stays the
    /// same.
    static let lifetime = Duration.seconds(60)

    /// The number of write counters. One counter per path would let clients use any amount of memory.
    private static let groupCount = 64

    /// The maximum size of an entry in bytes, so that clients cannot fill the memory with long targets.
    private static let byteLimit = 2048

    /// Creates an empty table.
    ///
    /// - Parameters:
    ///   - limit: The maximum number of entries in a generation.
    ///   - timeSource: The clock that determines the age of an entry.
    init(limit: Int = 2048, timeSource: any TimeSource) {
        self.limit = limit
        self.timeSource = timeSource
    }

    /// Returns the 304 response for a key, or nil if its fields are not known, or not well enough for a request that is recorded.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - recorder: The recorder of the request, which receives the response if the response may be sent again.
    ///   - exchange: The request.
    /// - Returns: The response.
    func reply(for key: Key, in recorder: HitRecorder? = nil, of exchange: Exchange? = nil) -> Reply? {
        guard let entry = entry(for: key) else { return nil }
        if let recorder, let exchange {
            if entry.life == nil {
                recorder.refuse(.miss)
            } else if entry.allowsReuse {
                recorder.record(KnownResponse(entry, under: key, in: self), for: exchange, bodies: nil)
            } else {
                // Known from a request that was not recorded: the cache decides.
                return nil
            }
        }
        return entry.reply
    }

    fileprivate func entry(for key: Key) -> Entry? {
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

    /// The number of writes so far. Read it before the handler runs.
    var writeCount: Int { writes.load(ordering: .acquiring) }

    /// Invalidates the fields of a resource that a write may have changed or removed.
    ///
    /// - Parameter target: The target of the write.
    func forget(_ target: String) {
        let slot = Self.slot(of: target)
        writes.add(1, ordering: .acquiringAndReleasing)
        generations.withLock { $0.writeCounts[slot] += 1 }
    }

    /// Records the fields of a successful response unless they are already known.
    ///
    /// A response with Expires is not recorded, because the next response would have a later date in that field. The
    /// fields of a response from a cache are valid as long as its entry is, and only a store in this process reports
    /// that.
    ///
    /// - Parameters:
    ///   - reply: The response.
    ///   - key: The response's tag, target and client.
    ///   - writeCount: The value of ``writeCount`` before the handler ran. A later write may have changed the resource.
    func learn(_ reply: Reply, for key: Key, since writeCount: Int) {
        let life = reply.body.variants?.life
        guard life.map({ !$0.isOver }) ?? (reply.body.variants == nil && !reply.comesThroughCache) else { return }
        // A response that may be sent again replaces the same one without that knowledge.
        if let known = entry(for: key), known.allowsReuse || !reply.allowsReuse { return }
        guard !reply.headerFields.contains(.expires) else { return }
        var notModified = reply.notModified
        notModified.allowsReuse = reply.allowsReuse
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

extension NotModifiedFields {
    /// A 304 response that an adapter may send again as long as the fields are known.
    fileprivate final class KnownResponse: ReusableHit {
        private let entry: Entry
        private let key: Key
        private let fields: NotModifiedFields

        init(_ entry: Entry, under key: Key, in fields: NotModifiedFields) {
            self.entry = entry
            self.key = key
            self.fields = fields
        }

        var isOver: Bool { entry.life?.isOver == true }

        /// The age is not used: 304 responses without an age have none.
        func use() -> HitUse { fields.entry(for: key) === entry ? .usable(age: 0) : .over }

        /// Caches do not count these responses.
        func count(_ requests: Int) {}
    }
}
