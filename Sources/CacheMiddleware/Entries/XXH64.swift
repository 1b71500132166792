/// The checksum of encoded entries: XXH64 with seed 0.
///
/// It detects damage, not forgery. It processes 32 bytes in four independent chains of multiplications, so it costs little more
/// than reading the bytes; CRC-32C without a processor instruction takes several times as long.
package enum XXH64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    /// Returns the checksum of the bytes.
    ///
    /// - Complexity: O(count).
    package static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        var offset = 0
        var sum = bytes.count < 32 ? prime5 : stripes(of: bytes, offset: &offset)
        sum &+= UInt64(bytes.count)
        while offset &+ 8 <= bytes.count {
            sum = rotated(sum ^ round(0, word(of: bytes, at: offset)), by: 27) &* prime1 &+ prime4
            offset &+= 8
        }
        if offset &+ 4 <= bytes.count {
            let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            sum = rotated(sum ^ UInt64(half) &* prime1, by: 23) &* prime2 &+ prime3
            offset &+= 4
        }
        while offset < bytes.count {
            sum = rotated(sum ^ UInt64(bytes[offset]) &* prime5, by: 11) &* prime1
            offset &+= 1
        }
        sum = (sum ^ sum &>> 33) &* prime2
        sum = (sum ^ sum &>> 29) &* prime3
        return sum ^ sum &>> 32
    }

    /// Processes all whole stripes of 32 bytes and sets `offset` to their end.
    private static func stripes(of bytes: UnsafeRawBufferPointer, offset: inout Int) -> UInt64 {
        var lane1 = prime1 &+ prime2
        var lane2 = prime2
        var lane3: UInt64 = 0
        var lane4 = 0 &- prime1
        // `word` reads 8 bytes without a bounds check: all 32 of a stripe are within the bytes.
        while offset &+ 32 <= bytes.count {
            lane1 = round(lane1, word(of: bytes, at: offset))
            lane2 = round(lane2, word(of: bytes, at: offset &+ 8))
            lane3 = round(lane3, word(of: bytes, at: offset &+ 16))
            lane4 = round(lane4, word(of: bytes, at: offset &+ 24))
            offset &+= 32
        }
        var sum = rotated(lane1, by: 1) &+ rotated(lane2, by: 7) &+ rotated(lane3, by: 12) &+ rotated(lane4, by: 18)
        sum = merged(sum, lane1)
        sum = merged(sum, lane2)
        sum = merged(sum, lane3)
        return merged(sum, lane4)
    }

    @inline(__always)
    private static func word(of bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotated(lane &+ word &* prime2, by: 31) &* prime1
    }

    private static func merged(_ sum: UInt64, _ lane: UInt64) -> UInt64 {
        (sum ^ round(0, lane)) &* prime1 &+ prime4
    }

    @inline(__always)
    private static func rotated(_ value: UInt64, by count: UInt64) -> UInt64 {
        value &<< count | value &>> (64 &- count)
    }
}
