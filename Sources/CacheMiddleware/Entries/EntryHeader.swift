import KeyConstructor
import NIOCore

/// The first 32 bytes of an encoded entry, which are readable without a key and covered by the seal.
struct EntryHeader {
    /// F5 and "SRC". UTF-8 text does not begin with this byte, nor do gzip, pickles, JSON and other formats that caches contain.
    static let magic: UInt32 = 0x4352_53F5
    static let version: UInt16 = 1
    static let byteCount = 32

    /// The kind of the seal, or 0.
    var seal: UInt16
    /// The number of bytes of the content before it was sealed.
    var contentLength: Int
    var key: CacheKey

    func write(to buffer: inout ByteBuffer) {
        buffer.writeInteger(Self.magic, endianness: .little)
        buffer.writeInteger(Self.version, endianness: .little)
        buffer.writeInteger(seal, endianness: .little)
        buffer.writeInteger(UInt64(contentLength), endianness: .little)
        buffer.writeInteger(key.high)
        buffer.writeInteger(key.low)
    }
}

extension EntryHeader {
    init(readingFrom buffer: inout ByteBuffer) throws(EntryDecodingError) {
        guard buffer.readInteger(endianness: .little, as: UInt32.self) == Self.magic else { throw .foreign }
        guard let version = buffer.readInteger(endianness: .little, as: UInt16.self) else { throw .damaged }
        guard version == Self.version else { throw .unknownVersion }
        guard let seal = buffer.readInteger(endianness: .little, as: UInt16.self),
            let length = buffer.readInteger(endianness: .little, as: UInt64.self),
            let contentLength = Int(exactly: length),
            let high = buffer.readInteger(as: UInt64.self), let low = buffer.readInteger(as: UInt64.self)
        else { throw .damaged }
        self.init(seal: seal, contentLength: contentLength, key: CacheKey(high: high, low: low))
    }
}

/// The optional parts that an encoded entry has.
struct EntryFlags: OptionSet {
    var rawValue: UInt16

    static let freshUntil = Self(rawValue: 1)
    static let expiresAt = Self(rawValue: 2)
    static let path = Self(rawValue: 4)
    static let isThrownError = Self(rawValue: 8)
    static let all: Self = [.freshUntil, .expiresAt, .path, .isThrownError]
}

/// Limits that the writer and the reader of entries share.
enum EntryLimits {
    /// The maximum number of fields, far more than a server sends. `HTTPFields` traps beyond 65,534, and a hit adds fields to those
    /// of the entry.
    static let fieldCount = 4096
    /// The maximum number of tags. A tag takes at least one byte encoded and sixteen bytes decoded: without a limit, crafted bytes
    /// in a store could exhaust the memory of the process that decodes them.
    static let tagCount = 65_535
    /// The maximum number of variants of one body. The look-up of a variant is linear.
    static let variantCount = 16
    /// The maximum number of bytes of the content. Larger responses do not belong in a cache, and a `ByteBuffer` is limited to 4
    /// GiB.
    static let contentLength = 1 << 31
}
