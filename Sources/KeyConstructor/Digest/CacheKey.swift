import HTTPPipeline

/// The key of a cached response: a digest of 16 bytes.
///
/// Keys are compared and hashed as two integers. Hexadecimal text is created only for people and other programs
/// (``description``, entity tags, external stores).
public struct CacheKey: Sendable {
    /// The first eight bytes, as a big-endian integer.
    public let high: UInt64
    /// The last eight bytes, as a big-endian integer.
    public let low: UInt64

    /// Creates a key from its bytes as two big-endian integers.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Creates the key of a text: the MD5 digest of its UTF-8.
    public init(digestOf text: String) {
        self = MD5.digest(of: text)
    }
}

extension CacheKey: Hashable {
    /// Hashes the key. Half of its bytes suffice, because they are a digest.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(low)
    }
}

extension CacheKey: CustomStringConvertible, LosslessStringConvertible {
    /// The 32 lower-case hexadecimal digits.
    public var description: String {
        String(unsafeUninitializedCapacity: 32) { digits in
            for index in 0..<16 {
                let word = index < 8 ? high : low
                let byte = UInt8(truncatingIfNeeded: word &>> UInt64(56 - 8 * (index & 7)))
                digits[2 * index] = (byte &>> 4).hexadecimalDigit
                digits[2 * index + 1] = (byte & 15).hexadecimalDigit
            }
            return 32
        }
    }

    /// Creates a key from its 32 hexadecimal digits, or returns nil for any other text.
    public init?(_ description: String) {
        guard description.utf8.count == 32 else { return nil }
        var words: (high: UInt64, low: UInt64) = (0, 0)
        for (index, digit) in description.utf8.enumerated() {
            guard let value = digit.hexadecimalValue else { return nil }
            if index < 16 {
                words.high = words.high &<< 4 | UInt64(value)
            } else {
                words.low = words.low &<< 4 | UInt64(value)
            }
        }
        self.init(high: words.high, low: words.low)
    }
}
