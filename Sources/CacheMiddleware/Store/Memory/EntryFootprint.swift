import HTTPTypes
import NIOCore

/// What an entry takes in memory: its content, and what it takes to keep it.
///
/// It follows how the parts are laid out rather than asking the allocator, which would have to be asked for each of them. What
/// cannot be seen from here (the room that the array of fields has to grow, tables that are not full) is counted at its most
/// likely, rounded up.
enum EntryFootprint {
    /// The number of bytes that an entry takes. O(number of fields and tags).
    static func byteCount(of entry: CacheEntry) -> Int {
        var count = perEntry + string(entry.path ?? "") + string(entry.status.reasonPhrase)
        count += body(entry.body.storageCapacity)
        count += array(of: MemoryLayout<HTTPField>.stride, count: entry.headerFields.count.roundedUpToPowerOfTwo)
        // The fields of its last hit, and of those the age and the status.
        count += array(of: MemoryLayout<HTTPField>.stride, count: (entry.headerFields.count + 5).roundedUpToPowerOfTwo)
        count += hitFields
        for field in entry.headerFields {
            count += string(field.name.rawName) + string(field.name.canonicalName) + string(field.value)
        }
        count += array(of: MemoryLayout<String>.stride, count: entry.tags.count)
        for tag in entry.tags { count += string(tag) + perLabel }
        return count + (entry.path == nil ? 0 : perLabel)
    }

    /// The number of bytes that the memory of a body takes.
    static func body(_ capacity: Int) -> Int {
        capacity == 0 ? 0 : allocation(capacity) + allocation(64)
    }

    /// The number of bytes that a variant of a body takes.
    static func variant(_ capacity: Int) -> Int {
        body(capacity) + array(of: MemoryLayout<(String, ByteBuffer?)>.stride, count: 1)
    }

    /// The entry's objects, its place for encodings of the body, and its part of the arrays and tables of a shard.
    private static let perEntry =
        allocation(64) + allocation(16 + MemoryLayout<CacheEntryContent.Values>.stride) + variants + 2 * node + 2 * slot
        + ghost

    /// An object, the closure that asks for room, and the entry's life.
    private static let variants = allocation(120) + allocation(64) + allocation(33)
    /// The object that keeps the fields of a hit, and the field that tells the age.
    private static let hitFields = allocation(160) + allocation(64)
    private static let node = MemoryLayout<EntryNode>.stride + 16
    private static let slot = 32
    private static let ghost = 32
    /// A link, its place in the table and the room that both have to grow.
    private static let perLabel = 2 * (24 + 2 * 4)

    private static func array(of stride: Int, count: Int) -> Int {
        count == 0 ? 0 : allocation(32 + count * stride)
    }

    /// The memory outside a `String`: none for up to 15 bytes of UTF-8.
    private static func string(_ text: String) -> Int {
        text.utf8.count <= 15 ? 0 : allocation(32 + text.utf8.count + 1)
    }

    /// What malloc takes for a number of bytes: they, eight bytes more, in steps of 16, and at least 32.
    private static func allocation(_ byteCount: Int) -> Int {
        max(32, (byteCount + 8 + 15) & ~15)
    }
}

extension Int {
    /// The least power of two that is not less; 0 for 0.
    fileprivate var roundedUpToPowerOfTwo: Int {
        self <= 1 ? self : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
