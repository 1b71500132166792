import HTTPTypes
import NIOCore

/// The memory footprint of an entry: its content and its bookkeeping.
///
/// It is derived from the layout of the parts, because asking the allocator would take a call for each of them. Unknown sizes
/// (spare capacity of the array of fields, tables that are not full) are estimated at their most likely value, rounded up.
enum EntryFootprint {
    /// Returns the number of bytes that an entry takes.
    ///
    /// - Complexity: O(number of fields and tags).
    static func byteCount(of entry: CacheEntry) -> Int {
        var count = perEntry + string(entry.path ?? "") + string(entry.status.reasonPhrase)
        count += body(entry.body.storageCapacity)
        count += array(of: MemoryLayout<HTTPField>.stride, count: entry.headerFields.count.roundedUpToPowerOfTwo)
        // The array of the fields of its last hit, which include Age and Cache-Status.
        count += array(of: MemoryLayout<HTTPField>.stride, count: (entry.headerFields.count + 5).roundedUpToPowerOfTwo)
        count += hitFields
        for field in entry.headerFields {
            count += string(field.name.rawName) + string(field.name.canonicalName) + string(field.value)
        }
        count += array(of: MemoryLayout<String>.stride, count: entry.tags.count)
        for tag in entry.tags { count += string(tag) + perLabel }
        return count + (entry.path == nil ? 0 : perLabel)
    }

    /// Returns the number of bytes that the memory of a body takes.
    static func body(_ capacity: Int) -> Int {
        capacity == 0 ? 0 : allocation(capacity) + allocation(64)
    }

    /// Returns the number of bytes that a variant of a body takes.
    static func variant(_ capacity: Int) -> Int {
        body(capacity) + array(of: MemoryLayout<(String, ByteBuffer?)>.stride, count: 1)
    }

    /// The entry's objects, its collection of variants, and its share of the arrays and tables of a shard.
    private static let perEntry =
        allocation(64) + allocation(16 + MemoryLayout<CacheEntryContent.Values>.stride) + variants + 2 * node + 2 * slot
        + ghost

    /// The collection object, the closure that reserves room, and the entry's life.
    private static let variants = allocation(120) + allocation(64) + allocation(33)
    /// The object that caches the fields of a hit, and the Age field.
    private static let hitFields = allocation(160) + allocation(64)
    private static let node = MemoryLayout<EntryNode>.stride + 16
    private static let slot = 32
    private static let ghost = 32
    /// A link and its slot in the table, doubled for the spare capacity of both.
    private static let perLabel = 2 * (24 + 2 * 4)

    private static func array(of stride: Int, count: Int) -> Int {
        count == 0 ? 0 : allocation(32 + count * stride)
    }

    /// Returns the memory outside a `String`: none for up to 15 bytes of UTF-8.
    private static func string(_ text: String) -> Int {
        text.utf8.count <= 15 ? 0 : allocation(32 + text.utf8.count + 1)
    }

    /// Returns the bytes that malloc takes for a number of bytes: eight more, rounded up to a multiple of 16, at least 32.
    private static func allocation(_ byteCount: Int) -> Int {
        max(32, (byteCount + 8 + 15) & ~15)
    }
}

extension Int {
    /// The smallest power of two that is not less than the number; 0 for 0.
    fileprivate var roundedUpToPowerOfTwo: Int {
        self <= 1 ? self : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
