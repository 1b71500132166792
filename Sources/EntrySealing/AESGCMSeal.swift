#if Crypto
public import CacheMiddleware
import Crypto
public import NIOCore

/// A seal that encrypts entries with AES-GCM: without the key, it is impossible to create, change, move or read an
/// entry. Only the header, which includes the cache key and the length, and the number of the sealing key are readable.
///
/// ```swift
/// let coder = EntryCoder(seal: try AESGCMSeal(writing: newKey, accepting: [oldKey]))
/// ```
///
/// The bytes after the header are the number of the key (4 bytes, little-endian), a random nonce (12 bytes), the tag
/// (16 bytes) and the encrypted content. The header and the number of the key are authenticated with the content.
///
/// A key may seal at most 2^32 entries (NIST SP 800-38D, section 8.3): at a thousand entries per second, replace it
/// every month. As with ``HMACSeal``, an attacker can restore an old entry of the same key until it expires.
public struct AESGCMSeal: EntrySeal {
    private static let nonceByteCount = 12
    private static let tagByteCount = 16

    private let keys: SealingKeyring

    /// Creates a seal from the keys that seal and open entries.
    ///
    /// - Parameters:
    ///   - key: The key that seals entries, of 16, 24 or 32 bytes.
    ///   - others: Other keys that open entries: previous keys, and the next one.
    /// - Throws: ``SealingKeyError`` if a key has the wrong length, or two keys have the same number.
    public init(writing key: SealingKey, accepting others: [SealingKey] = []) throws(SealingKeyError) {
        keys = try SealingKeyring(writing: key, accepting: others, lengths: "16, 24 or 32") {
            [16, 24, 32].contains($0)
        }
    }

    /// The identifier of this kind of seal: 2.
    public var identifier: UInt16 { 2 }

    /// Returns the number of the key, a nonce, the tag and the encrypted content.
    public func seal(_ content: ByteBuffer, authenticating header: ByteBuffer) throws -> ByteBuffer {
        let key = keys.writing
        let data = Self.authenticated(header, id: key.id)
        let box = try content.withUnsafeReadableBytes { try AES.GCM.seal($0, using: key.secret, authenticating: data) }
        let prefix = 4 + Self.nonceByteCount + Self.tagByteCount
        var sealed = ByteBufferAllocator().buffer(capacity: prefix + content.readableBytes)
        sealed.writeInteger(key.id, endianness: .little)
        sealed.writeBytes(box.nonce)
        sealed.writeBytes(box.tag)
        sealed.writeBytes(box.ciphertext)
        return sealed
    }

    /// Returns the content if an accepted key sealed it.
    public func open(_ sealed: ByteBuffer, authenticating header: ByteBuffer) throws -> ByteBuffer {
        var rest = sealed
        let (id, secret) = try keys.readKey(from: &rest)
        guard let nonce = rest.readBytes(length: Self.nonceByteCount),
            let tag = rest.readBytes(length: Self.tagByteCount)
        else { throw SealError() }
        let data = Self.authenticated(header, id: id)
        return try rest.withUnsafeReadableBytes { ciphertext in
            let box = try AES.GCM.SealedBox(nonce: AES.GCM.Nonce(data: nonce), ciphertext: ciphertext, tag: tag)
            return ByteBuffer(bytes: try AES.GCM.open(box, using: secret, authenticating: data))
        }
    }

    private static func authenticated(_ header: ByteBuffer, id: UInt32) -> [UInt8] {
        Array(header.readableBytesView) + SealingKeyring.idBytes(id)
    }
}
#endif
