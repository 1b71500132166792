#if Hummingbird
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The hash of request heads, with a seed that is random for each process: clients choose the bytes.
package enum HeadHash {
    private static let seeds: (UInt64, UInt64) = {
        var generator = SystemRandomNumberGenerator()
        return (generator.next() | 1, generator.next())
    }()

    /// Returns the hash of bytes; 0 only by chance.
    ///
    /// - Complexity: O(number of bytes), eight at a time.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let (first, second) = seeds
        var hash = mixed(UInt64(truncatingIfNeeded: bytes.count) ^ first, second)
        var offset = 0
        while offset &+ 8 <= bytes.count {
            hash = mixed(hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self), first)
            offset &+= 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(bytes[offset])
            offset &+= 1
        }
        return mixed(hash ^ rest, second)
    }

    @inline(__always)
    private static func mixed(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = (left ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: right ^ 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low &+ left.byteSwapped
    }
}

extension UnsafeRawBufferPointer {
    /// Returns whether bytes of the same number are equal.
    @inline(__always)
    func elementsEqualMemory(_ other: UnsafeRawBufferPointer) -> Bool {
        guard let own = baseAddress, let other = other.baseAddress else { return true }
        return memcmp(own, other, count) == 0
    }
}

/// The heads that have come recently, by their hashes. A head is recorded only when it comes again.
///
/// It has a fixed size: a flood of distinct heads replaces what is known about others.
struct SeenHeads {
    private struct Slot {
        var print: UInt32 = 0
        /// The number of times that the head is not recorded.
        var pause: UInt16 = 0
        var nextPause: UInt16 = 0
    }

    private static let count = 4096
    private static let longestPause: UInt16 = 1024
    private static let shortestPause: UInt16 = 16

    private var slots = [Slot](repeating: Slot(), count: SeenHeads.count)

    /// Records that a head has come.
    ///
    /// - Returns: Whether it has come before and is to be recorded.
    mutating func note(_ hash: UInt64) -> Bool {
        let (index, print) = Self.place(hash)
        guard slots[index].print == print else {
            slots[index] = Slot(print: print)
            return false
        }
        guard slots[index].pause == 0 else {
            slots[index].pause -= 1
            return false
        }
        // Until the response is known, others with the same head are not recorded.
        slots[index].pause = max(slots[index].nextPause, Self.shortestPause)
        return true
    }

    /// Records that a head's response must not be sent again.
    mutating func skip(_ hash: UInt64, isTemporary: Bool) {
        let (index, print) = Self.place(hash)
        guard slots[index].print == print else { return }
        // The first time may be the first request after the entry expired.
        let pause = slots[index].nextPause
        slots[index].pause = pause
        slots[index].nextPause = isTemporary ? min(max(1, pause * 2), 8) : min(max(8, pause * 2), Self.longestPause)
    }

    /// Records that a head's response is kept. When it is over, the next response is recorded without a pause.
    mutating func succeed(_ hash: UInt64) {
        let (index, print) = Self.place(hash)
        if slots[index].print == print { slots[index] = Slot(print: print) }
    }

    private static func place(_ hash: UInt64) -> (Int, UInt32) {
        (Int(truncatingIfNeeded: hash >> 32) & (count - 1), UInt32(truncatingIfNeeded: hash) | 1)
    }
}
#endif
