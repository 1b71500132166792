import HTTPPipeline
import HTTPTypes
import NIOCore

/// The content of an encoded entry, without its protection. ``EntryCoder`` describes its layout.
struct EntryContent {
    let entry: CacheEntry
    private let flags: EntryFlags
    private let variants: [(name: String, body: ByteBuffer)]

    init(_ entry: CacheEntry) {
        self.entry = entry
        var flags: EntryFlags = []
        if entry.freshUntil != nil { flags.insert(.freshUntil) }
        if entry.expiresAt != nil { flags.insert(.expiresAt) }
        if entry.path != nil { flags.insert(.path) }
        if entry.isThrownError { flags.insert(.isThrownError) }
        self.flags = flags
        // Captured once: variants may be added during the encoding.
        self.variants = Array(entry.variants.kept.prefix(EntryLimits.variantCount))
    }

    /// The exact number of bytes that ``write(to:)`` writes. O(number of fields and tags).
    var byteCount: Int {
        var count = 2 + 2 + 8 + 8
        if flags.contains(.freshUntil) { count += 8 }
        if flags.contains(.expiresAt) { count += 8 }
        count += Self.byteCount(of: entry.status.reasonPhrase)
        if let path = entry.path { count += Self.byteCount(of: path) }
        count += Self.byteCount(of: entry.tags.count)
        for tag in entry.tags { count += Self.byteCount(of: tag) }
        count += Self.byteCount(of: entry.headerFields.count)
        for field in entry.headerFields {
            let name = field.name.rawName.utf8.count
            let value = field.withUnsafeBytesOfValue { $0.count }
            count += Self.byteCount(of: name << 2) + name + Self.byteCount(of: value) + value
        }
        count += Self.byteCount(of: variants.count)
        for (name, body) in variants {
            count += Self.byteCount(of: name) + Self.byteCount(of: body.readableBytes) + body.readableBytes
        }
        return count + Self.byteCount(of: entry.body.readableBytes) + entry.body.readableBytes
    }

    func write(to buffer: inout ByteBuffer) {
        buffer.writeInteger(UInt16(entry.status.code), endianness: .little)
        buffer.writeInteger(flags.rawValue, endianness: .little)
        buffer.writeInteger(entry.storedAt.nanoseconds, endianness: .little)
        if let moment = entry.freshUntil { buffer.writeInteger(moment.nanoseconds, endianness: .little) }
        if let moment = entry.expiresAt { buffer.writeInteger(moment.nanoseconds, endianness: .little) }
        let nanoseconds = entry.computationTime.attoseconds / 1_000_000_000
        buffer.writeInteger(Int64(clamping: nanoseconds), endianness: .little)
        buffer.writeText(entry.status.reasonPhrase)
        if let path = entry.path { buffer.writeText(path) }
        buffer.writeCompact(UInt64(entry.tags.count))
        for tag in entry.tags { buffer.writeText(tag) }
        buffer.writeCompact(UInt64(entry.headerFields.count))
        for field in entry.headerFields {
            buffer.writeCompact(UInt64(field.name.rawName.utf8.count) << 2 | field.indexingStrategy.code)
            buffer.writeString(field.name.rawName)
            field.withUnsafeBytesOfValue { value in
                buffer.writeCompact(UInt64(value.count))
                buffer.writeBytes(value)
            }
        }
        buffer.writeCompact(UInt64(variants.count))
        for (name, body) in variants {
            buffer.writeText(name)
            buffer.writeCompact(UInt64(body.readableBytes))
        }
        buffer.writeCompact(UInt64(entry.body.readableBytes))
        buffer.writeImmutableBuffer(entry.body)
        for (_, body) in variants { buffer.writeImmutableBuffer(body) }
    }

    private static func byteCount(of text: String) -> Int {
        byteCount(of: text.utf8.count) + text.utf8.count
    }

    /// Returns the number of bytes of a compact integer: one for each seven bits, and one for 0.
    private static func byteCount(of number: Int) -> Int {
        max(1, (Int.bitWidth - number.leadingZeroBitCount + 6) / 7)
    }
}

extension ByteBuffer {
    /// Writes seven bits per byte, the low ones first; the high bit is set if more bytes follow (LEB128).
    fileprivate mutating func writeCompact(_ number: UInt64) {
        var rest = number
        while rest > 0x7F {
            writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(rest))
    }

    fileprivate mutating func writeText(_ text: String) {
        writeCompact(UInt64(text.utf8.count))
        writeString(text)
    }
}
