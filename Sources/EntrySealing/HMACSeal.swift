#if Crypto
public import CacheMiddleware
import Crypto
public import NIOCore

/// A seal that authenticates entries with HMAC-SHA256: without the key, it is impossible to create or change an entry,
/// or to move it to another cache key. Any client that can read the store can read the entries.
///
/// ```swift
/// let coder = EntryCoder(seal: try HMACSeal(writing: newKey, accepting: [oldKey]))
/// ```
///
/// The bytes after the header are the number of the key (4 bytes, little-endian), the code over the header, this number
/// and the content (32 bytes), and the content.
///
/// The seal of an old entry remains valid: a client that can write to the store can restore an earlier response under
/// the same key until that response expires.
public struct HMACSeal: EntrySeal {
    private static let codeByteCount = 32

    private let keys: SealingKeyring

    /// Creates a seal from the keys that seal and open entries.
    ///
    /// - Parameters:
    ///   - key: The key that seals entries, of at least 32 bytes.
    ///   - others: Other keys that open entries: previous keys, and the next one.
    /// - Throws: ``SealingKeyError`` if a key has the wrong length, or two keys have the same number.
    public init(writing key: SealingKey, accepting others: [SealingKey] = []) throws(SealingKeyError) {
        // RFC 2104, section 3: keys shorter than the digest weaken the code.
        keys = try SealingKeyring(writing: key, accepting: others, lengths: "32 or more") { $0 >= 32 }
    }

    /// The identifier of this kind of seal: 1.
    public var identifier: UInt16 { 1 }

    /// Returns the number of the key, the code and the content.
    public func seal(_ content: ByteBuffer, authenticating header: ByteBuffer) -> ByteBuffer {
        let key = keys.writing
        var sealed = ByteBufferAllocator().buffer(capacity: 4 + Self.codeByteCount + content.readableBytes)
        sealed.writeInteger(key.id, endianness: .little)
        sealed.writeBytes(Self.code(of: content, header: header, id: key.id, secret: key.secret))
        sealed.writeImmutableBuffer(content)
        return sealed
    }

    /// Returns the content if its code is that of an accepted key. The comparison takes the same time wherever the
    /// codes differ.
    public func open(_ sealed: ByteBuffer, authenticating header: ByteBuffer) throws -> ByteBuffer {
        var content = sealed
        let (id, secret) = try keys.readKey(from: &content)
        guard let code = content.readBytes(length: Self.codeByteCount),
            Self.code(of: content, header: header, id: id, secret: secret) == code
        else { throw SealError() }
        return content
    }

    private static func code(
        of content: ByteBuffer,
        header: ByteBuffer,
        id: UInt32,
        secret: SymmetricKey
    ) -> HMAC<SHA256>.MAC {
        // The header has a fixed length, so the boundaries between the parts are unambiguous.
        var code = HMAC<SHA256>(key: secret)
        header.withUnsafeReadableBytes { code.update(data: $0) }
        code.update(data: SealingKeyring.idBytes(id))
        content.withUnsafeReadableBytes { code.update(data: $0) }
        return code.finalize()
    }
}
#endif
