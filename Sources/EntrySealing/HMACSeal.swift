#if Crypto
public import CacheMiddleware
import Crypto
public import NIOCore

/// Seals entries with HMAC-SHA256: nobody without the key can make or change one, or move it to another key of the cache.
/// Everybody who can read the store can read them.
///
/// ```swift
/// let coder = EntryCoder(seal: try HMACSeal(writing: newKey, accepting: [oldKey]))
/// ```
///
/// What is stored after the header is the number of the key (4 bytes, little-endian), the code over the header, this number and
/// the content (32 bytes), and the content.
///
/// An old entry is as well sealed as a new one: who can write to the store can put back an answer that it had under the same
/// key, until that expires.
public struct HMACSeal: EntrySeal {
    private static let codeByteCount = 32

    private let keys: SealingKeyring

    /// Creates a seal.
    ///
    /// - Parameters:
    ///   - key: The key that seals, of at least 32 bytes.
    ///   - others: Other keys that open: those of before, and the next one.
    /// - Throws: What is wrong with the keys: a length, or a number that two have.
    public init(writing key: SealingKey, accepting others: [SealingKey] = []) throws(SealingKeyError) {
        // RFC 2104, section 3: shorter keys than the digest weaken it.
        keys = try SealingKeyring(writing: key, accepting: others, lengths: "32 or more") { $0 >= 32 }
    }

    /// 1.
    public var identifier: UInt16 { 1 }

    /// The number of the key, the code and the content.
    public func seal(_ content: ByteBuffer, authenticating header: ByteBuffer) -> ByteBuffer {
        let key = keys.writing
        var sealed = ByteBufferAllocator().buffer(capacity: 4 + Self.codeByteCount + content.readableBytes)
        sealed.writeInteger(key.id, endianness: .little)
        sealed.writeBytes(Self.code(of: content, header: header, id: key.id, secret: key.secret))
        sealed.writeImmutableBuffer(content)
        return sealed
    }

    /// The content, if its code is the one that an accepted key makes. The comparison takes the same time wherever codes differ.
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
        // The header has a fixed length, so the parts cannot be shifted against each other.
        var code = HMAC<SHA256>(key: secret)
        header.withUnsafeReadableBytes { code.update(data: $0) }
        code.update(data: SealingKeyring.idBytes(id))
        content.withUnsafeReadableBytes { code.update(data: $0) }
        return code.finalize()
    }
}
#endif
