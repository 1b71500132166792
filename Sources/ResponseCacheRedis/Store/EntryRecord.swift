import CacheMiddleware
import KeyConstructor
import NIOCore

/// The value of an entry's key in Redis: a header for the scripts, then the encoded entry.
///
/// | bytes | |
/// |---|---|
/// | 8 | the number of the latest purge at which the entry was valid; written by the server |
/// | 8 | the epoch of that number; written by the server |
/// | 8 | XXH64 (seed 0) of the identifier, the count and the labels |
/// | 8 | the identifier: a random number, unique to the record |
/// | 4 | the number of labels |
/// | 8 each | ``PurgeLabels`` |
/// | | the entry as `EntryCoder` writes it |
///
/// Numbers are big-endian. The checksum detects damaged labels, which would keep an entry from being purged.
struct EntryRecord {
    /// The number of the latest purge at which the entry was valid.
    let number: UInt64
    /// The epoch of the number.
    let epoch: UInt64
    /// A random number, unique to the record.
    let identifier: UInt64
    /// The encoded labels, with their count.
    let labels: ByteBuffer
    /// The encoded entry.
    let entry: ByteBuffer

    /// The size of the whole record in bytes.
    let byteCount: Int

    /// The offset of the identifier.
    private static let identifierOffset = 24

    /// The size of the header without labels, in bytes.
    private static let headByteCount = 36

    /// Whether the entry was valid at the latest purge, so that no purge selects it.
    func isCurrent(at clock: StoreClock?) -> Bool {
        guard let clock else { return false }
        return number == clock.number && epoch == clock.epoch
    }

    /// Returns a new record. The server fills in the number and the epoch.
    static func encoded(_ entry: ByteBuffer, labels: PurgeLabels) -> ByteBuffer {
        var content = ByteBufferAllocator().buffer(capacity: 4 + labels.bytes.readableBytes)
        content.writeInteger(UInt32(labels.count))
        content.writeImmutableBuffer(labels.bytes)
        return encoded(entry, labels: content, identifier: .random(in: .min ... .max))
    }

    /// Returns the record with another entry and the same labels.
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

    /// Decodes a record, without its entry.
    ///
    /// - Throws: `EntryDecodingError.damaged` if the record is truncated or its labels are damaged.
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
        // Avoids a slice, which would retain the buffer's storage.
        buffer.withVeryUnsafeBytes { bytes in
            XXH64.checksum(of: UnsafeRawBufferPointer(rebasing: bytes[(start + identifierOffset)..<(start + end)]))
        }
    }
}
