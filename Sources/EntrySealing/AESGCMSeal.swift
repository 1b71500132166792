#if Crypto
public import CacheMiddleware
import Crypto
public import NIOCore

/// Seals entries with AES-GCM: nobody without the key can make, change, move or read one. What can be read are the header, that
/// is the key of the cache and the length, and the number of the sealing key.
///
/// ```swift
/// let coder = EntryCoder(seal: try AESGCMSeal(writing: newKey, accepting: [oldKey]))
/// ```
///
/// What is stored after the header is the number of the key (4 bytes, little-endian), a random nonce (12 bytes), the tag
/// (16 bytes) and the encrypted content. The header and the number of the key are authenticated with it.
///
/// A key seals at most 2^32 entries (NIST SP 800-38D, section 8.3): at a thousand a second, replace it every month. And as with
/// ``HMACSeal``, an old entry of the same key can be put back until it expires.
public struct AESGCMSeal: EntrySeal {
    private static let nonceByteCount = 12
    private static let tagByteCount = 16

    private let keys: SealingKeyring

    /// Creates a seal.
    ///
    /// - Parameters:
    ///   - key: The key that seals, of 16, 24 or 32 bytes.
    ///   - others: Other keys that open: those of before, and the next one.
    /// - Throws: What is wrong with the keys: a length, or a number that two have.
    public init(writing key: SealingKey, accepting others: [SealingKey] = []) throws(SealingKeyError) {
        keys = try SealingKeyring(writing: key, accepting: others, lengths: "16, 24 or 32") {
            [16, 24, 32].contains($0)
        }
    }

    /// 2.
    public var identifier: UInt16 { 2 }

    /// The number of the key, a nonce, the tag and the encrypted content.
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

    /// The content, if an accepted key sealed it.
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
