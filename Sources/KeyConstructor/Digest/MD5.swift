/// The MD5 digest (RFC 1321), computed while the bytes arrive.
///
/// It identifies keys, as drf-extensions does, so that the keys of both are the same. It protects nothing: anyone can
/// make two inputs of one digest, and a key must not be the only thing between a user and another user's data.
public struct MD5: Sendable {
    /// A digest of 16 bytes.
    public typealias Digest = CacheKey

    private var state = MD5State()
    /// How many bytes have been given to the digest.
    private var length: UInt64 = 0
    /// The beginning of a block that is not complete, `length % 64` bytes, and room for the padding.
    private var partial = Partial()

    /// Creates the digest of nothing.
    public init() {}

    /// The digest of a text's UTF-8.
    public static func digest(of text: String) -> Digest {
        var text = text
        return text.withUTF8 { digest(of: UnsafeRawBufferPointer($0)) }
    }

    /// The digest of bytes.
    public static func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
        var md5 = MD5()
        md5.update(bytes)
        return md5.finish()
    }

    /// Adds bytes. O(number of bytes), without allocation.
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

    /// The digest of everything that was added. The value itself goes on unchanged.
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
