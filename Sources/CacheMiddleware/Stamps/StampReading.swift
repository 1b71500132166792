package import HTTPPipeline
package import NIOCore

/// A version stamp as a request has read it.
package final class StampReading: ReusableStamp {
    /// The stamp.
    package let text: ByteBuffer
    /// The time when the stamp was created.
    package let storedAt: Timestamp
    private let stamp: VersionStamp
    /// The life of the stamp's entry, which a replacement ends; nil if the entry is not in a store in memory.
    private let life: EntryLife?

    init(_ entry: CacheEntry, of stamp: VersionStamp) {
        text = entry.body
        storedAt = entry.storedAt
        life = entry.variants.life
        self.stamp = stamp
    }

    package var isCurrent: Bool { life.map(stamp.isCurrent) ?? false }

    /// Records that the response to a request depends on the stamp.
    func record(in recorder: HitRecorder) {
        if life != nil, stamp.isInMemory { recorder.record(self) } else { recorder.refuse(.stamp) }
    }
}
