/// An incremental MD5 digest (RFC 1321).
///
/// It identifies keys, as in drf-extensions, so both produce the same keys. It is not a security measure: an attacker can
/// construct two inputs with the same digest, so a key must not be the only protection of a user's data.
public struct MD5: Sendable {
    /// A digest of 16 bytes.
    public typealias Digest = CacheKey

    private var state = MD5State()
    /// The number of digested bytes.
    private var length: UInt64 = 0
    /// The start of an incomplete block, `length % 64` bytes, and space for the padding.
    private var partial = Partial()

    /// Creates a digest without input.
    public init() {}

    /// Returns the digest of the UTF-8 of a text.
    public static func digest(of text: String) -> Digest {
        var text = text
        return text.withUTF8 { digest(of: UnsafeRawBufferPointer($0)) }
    }

    /// Returns the digest of bytes.
    public static func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
        var md5 = MD5()
        md5.update(bytes)
        return md5.finish()
    }

    /// Adds bytes without allocation. O(number of bytes).
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard var source = bytes.baseAddress, !bytes.isEmpty else { return }
        var remaining = bytes.count
        let filled = Int(truncatingIfNeeded: length & 63)
        length &+= UInt64(truncatingIfNeeded: remaining)
        if filled > 0 {
            let taken = min(64 - filled, remaining)
            withUnsafeMutableBytes(of: &partial) { block in
                (block.baseAddress! + filled).copyMemory(from: source, byteCount: taken)
                if filled + taken == 64 { state.compress(block.baseAddress!) }
            }
            source += taken
            remaining -= taken
            guard filled + taken == 64 else { return }
        }
        while remaining >= 64 {
            state.compress(source)
            source += 64
            remaining -= 64
        }
        if remaining > 0 {
            withUnsafeMutableBytes(of: &partial) { block in
                block.baseAddress!.copyMemory(from: source, byteCount: remaining)
            }
        }
    }

    /// Returns the digest of all added bytes. More bytes can be added afterwards.
    public func finalize() -> Digest {
        var copy = self
        return copy.finish()
    }

    private mutating func finish() -> Digest {
        withUnsafeMutableBytes(of: &partial) { block in
            state.finish(block.baseAddress!, count: Int(truncatingIfNeeded: length & 63), length: length)
        }
        return state.digest
    }
}

/// Two blocks of 64 bytes.
private struct Partial {
    typealias Block = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    var first: Block = (0, 0, 0, 0, 0, 0, 0, 0)
    var second: Block = (0, 0, 0, 0, 0, 0, 0, 0)
}
