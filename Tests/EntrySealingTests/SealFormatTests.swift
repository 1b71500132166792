#if Crypto
import CacheMiddleware
import Crypto
import EntrySealing
import KeyConstructor
import NIOCore
import Testing

/// The seal format that other programs sharing the store must implement.
@Suite struct SealFormatTests {
    private let secret = Array("0123456789abcdef0123456789abcdef".utf8)
    private let header = ByteBuffer(bytes: 0..<32)
    private let content = ByteBuffer(string: "content")
    /// 258, little-endian.
    private let id: [UInt8] = [2, 1, 0, 0]

    @Test func `An HMAC seal is key number, code and content`() throws {
        let sealed = try HMACSeal(writing: SealingKey(id: 258, bytes: secret)).seal(content, authenticating: header)
        let parts = Array(header.readableBytesView) + id + Array(content.readableBytesView)
        let code = HMAC<SHA256>.authenticationCode(for: parts, using: SymmetricKey(data: secret))
        #expect(Array(sealed.readableBytesView) == id + Array(code) + Array(content.readableBytesView))
    }

    @Test func `An AES-GCM seal is key number, nonce, tag and ciphertext`() throws {
        let seal = try AESGCMSeal(writing: SealingKey(id: 258, bytes: secret))
        let box = try AES.GCM.seal(
            Array(content.readableBytesView),
            using: SymmetricKey(data: secret),
            authenticating: Array(header.readableBytesView) + id
        )
        let bytes = id + Array(box.nonce) + Array(box.tag) + Array(box.ciphertext)
        #expect(try seal.open(ByteBuffer(bytes: bytes), authenticating: header) == content)
        let sealed = try seal.seal(content, authenticating: header)
        #expect(sealed.readableBytes == 4 + 12 + 16 + content.readableBytes)
        #expect(sealed.readableBytesView.prefix(4).elementsEqual(id))
    }
}
#endif
