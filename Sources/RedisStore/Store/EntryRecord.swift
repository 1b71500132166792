import CacheMiddleware
import KeyConstructor
import NIOCore

/// What stands under a key of the server: an entry, and before it what the server's scripts read.
///
/// | bytes | |
/// |---|---|
/// | 8 | the number of the latest purge when the entry was known to be valid; the server writes it |
/// | 8 | a random number that no other record has |
/// | 4 | how many labels follow |
/// | 8 each | ``PurgeLabels`` |
/// | | the entry as `EntryCoder` writes it |
///
/// Numbers are big-endian.
struct EntryRecord {
    /// The number of the latest purge when the entry was known to be valid.
    let number: UInt64
    /// A random number that no other record has.
    let identifier: UInt64
    /// The bytes of the entry.
    let entry: ByteBuffer

    /// The number of bytes of the whole record.
    let byteCount: Int

    /// Where the labels begin.
    static let headByteCount = 20

    /// The bytes of a record. The server fills in the number.
    static func encoded(
        _ entry: ByteBuffer, labels: PurgeLabels, identifier: UInt64 = .random(in: .min ... .max)
    ) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(
            capacity: headByteCount + labels.bytes.readableBytes + entry.readableBytes)
        buffer.writeInteger(0 as UInt64)
        buffer.writeInteger(identifier)
        buffer.writeInteger(UInt32(labels.count))
        buffer.writeImmutableBuffer(labels.bytes)
        buffer.writeImmutableBuffer(entry)
        return buffer
    }

    /// Reads a record.
    ///
    /// - Throws: ``EntryDecodingError/damaged`` when it is cut off. The entry is not looked into.
    init(_ bytes: ByteBuffer) throws(EntryDecodingError) {
        byteCount = bytes.readableBytes
        var bytes = bytes
        guard let number = bytes.readInteger(as: UInt64.self), let identifier = bytes.readInteger(as: UInt64.self),
            let count = bytes.readInteger(as: UInt32.self),
            bytes.readableBytes / PurgeLabels.byteCount >= Int(count)
        else { throw .damaged }
        bytes.moveReaderIndex(forwardBy: Int(count) * PurgeLabels.byteCount)
        self.number = number
        self.identifier = identifier
        self.entry = bytes
    }
}
