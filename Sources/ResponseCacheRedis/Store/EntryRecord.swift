import CacheMiddleware
import KeyConstructor
import NIOCore

/// The value of an entry's key in the server: the entry, and before it what the server's scripts read.
///
/// | bytes | |
/// |---|---|
/// | 8 | the number of the latest purge when the entry was known to be valid; the server writes it |
/// | 8 | the epoch of that number; the server writes it |
/// | 8 | XXH64 (seed 0) of the identifier, the count and the labels |
/// | 8 | the identifier: a random number that no other record has |
/// | 4 | the number of labels |
/// | 8 each | ``PurgeLabels`` |
/// | | the entry as `EntryCoder` writes it |
///
/// Numbers are big-endian. The checksum finds damage: a label that is damaged would keep an entry from being purged.
struct EntryRecord {
    /// The number of the latest purge when the entry was known to be valid.
    let number: UInt64
    /// The epoch of the number.
    let epoch: UInt64
    /// A random number that no other record has.
    let identifier: UInt64
    /// The number of labels and the labels.
    let labels: ByteBuffer
    /// The bytes of the entry.
    let entry: ByteBuffer

    /// The number of bytes of the whole record.
    let byteCount: Int

    /// Where the identifier begins.
    private static let identifierOffset = 24

    /// Where the labels begin.
    private static let headByteCount = 36

    /// Whether the entry was known to be valid at the latest purge: no purge selects it.
    func isCurrent(at clock: StoreClock?) -> Bool {
        guard let clock else { return false }
        return number == clock.number && epoch == clock.epoch
    }

    /// The bytes of a new record. The server fills in the number and the epoch.
    static func encoded(_ entry: ByteBuffer, labels: PurgeLabels) -> ByteBuffer {
        var content = ByteBufferAllocator().buffer(capacity: 4 + labels.bytes.readableBytes)
        content.writeInteger(UInt32(labels.count))
        content.writeImmutableBuffer(labels.bytes)
        return encoded(entry, labels: content, identifier: .random(in: .min ... .max))
    }

    /// The bytes of the record with another entry, which the same purges select.
    func replacing(entry: ByteBuffer) -> ByteBuffer {
        Self.encoded(entry, labels: labels, identifier: identifier)
    }

    private static func encoded(_ entry: ByteBuffer, labels: ByteBuffer, identifier: UInt64) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(
            capacity: identifierOffset + 8 + labels.readableBytes + entry.readableBytes)
        buffer.writeRepeatingByte(0, count: identifierOffset)
        buffer.writeInteger(identifier)
        buffer.writeImmutableBuffer(labels)
        buffer.setInteger(checksum(of: buffer, to: buffer.readableBytes), at: 16)
        buffer.writeImmutableBuffer(entry)
        return buffer
    }

    /// Reads a record.
    ///
    /// - Throws: ``EntryDecodingError/damaged`` when it is cut off or its labels are damaged. The entry is not looked into.
    init(_ bytes: ByteBuffer) throws(EntryDecodingError) {
        byteCount = bytes.readableBytes
        let start = bytes.readerIndex
        var bytes = bytes
        guard let number = bytes.readInteger(as: UInt64.self), let epoch = bytes.readInteger(as: UInt64.self),
            let checksum = bytes.readInteger(as: UInt64.self), let identifier = bytes.readInteger(as: UInt64.self),
            let count = bytes.getInteger(at: bytes.readerIndex, as: UInt32.self),
            (byteCount - Self.headByteCount) / PurgeLabels.byteCount >= Int(count),
            let labels = bytes.readSlice(length: 4 + Int(count) * PurgeLabels.byteCount),
            checksum == Self.checksum(of: bytes, from: start, to: bytes.readerIndex - start)
        else { throw .damaged }
        self.number = number
        self.epoch = epoch
        self.identifier = identifier
        self.labels = labels
        self.entry = bytes
    }

    private static func checksum(of buffer: ByteBuffer, from start: Int = 0, to end: Int) -> UInt64 {
        // Not a slice: that would count references.
        buffer.withVeryUnsafeBytes { bytes in
            XXH64.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[(start + identifierOffset)..<(start + end)]))
        }
    }
}
