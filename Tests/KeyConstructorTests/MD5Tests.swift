import Crypto
import KeyConstructor
import Testing

@Suite struct MD5Tests {
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        (
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "d174ab98d277d9f5a5611c2c9f419d9f"
        ),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a"
        ),
    ])
    func `The test vectors of RFC 1321 pass`(text: String, digest: String) {
        #expect(MD5.digest(of: text).description == digest)
    }

    @Test func `Digests around the block size agree with swift-crypto`() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        for length in 0...bytes.count {
            let part = Array(bytes.prefix(length))
            let expected = Insecure.MD5.hash(data: part).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
            let digest = part.withUnsafeBytes { MD5.digest(of: $0) }
            #expect(digest.description == expected.joined(), "\(length) bytes")
        }
    }

    @Test(arguments: [1, 3, 63, 64, 65, 100])
    func `The digest is independent of how the input is split`(step: Int) {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 17) }
        var md5 = MD5()
        for start in stride(from: 0, to: bytes.count, by: step) {
            bytes[start..<min(start + step, bytes.count)].withUnsafeBytes { md5.update($0) }
            _ = md5.finalize()
        }
        #expect(md5.finalize() == bytes.withUnsafeBytes { MD5.digest(of: $0) })
    }
}
