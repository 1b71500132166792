/// Finds bytes in words of eight bytes.
enum ByteSearch {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Returns a word with a byte in every position.
    @inline(__always)
    static func pattern(_ byte: UInt8) -> UInt64 {
        UInt64(byte) &* ones
    }

    /// Returns a mask whose lowest bit is in the first byte that equals that of a pattern. Masks of several patterns can be joined.
    @inline(__always)
    static func mask(_ word: UInt64, _ pattern: UInt64) -> UInt64 {
        let difference = word ^ pattern
        // A borrow only changes bytes above one that matches.
        return (difference &- ones) & ~difference & highBits
    }

    /// Returns the index of the byte with the lowest bit of a mask.
    @inline(__always)
    static func firstIndex(_ mask: UInt64) -> Int {
        mask.trailingZeroBitCount >> 3
    }

    /// Returns whether bytes have a byte.
    static func contains(_ byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Bool {
        let pattern = pattern(byte)
        var index = 0
        while bytes.count &- index >= 8 {
            if mask(bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self), pattern) != 0 { return true }
            index &+= 8
        }
        return bytes[index...].contains(byte)
    }

    /// Returns the index of the first byte above 127, or nil if all are ASCII.
    static func firstNonASCII(in bytes: UnsafeRawBufferPointer, from start: Int = 0) -> Int? {
        var index = start
        while bytes.count &- index >= 8 {
            let mask = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)) & highBits
            if mask != 0 { return index &+ firstIndex(mask) }
            index &+= 8
        }
        return bytes[index...].firstIndex { $0 > 0x7F }
    }
}
