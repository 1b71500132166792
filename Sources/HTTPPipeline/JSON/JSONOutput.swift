import HTTPSemantics

/// Writes JSON into memory that is large enough; see ``capacity(ofTextWith:)`` and ``scalarCapacity``.
package struct JSONOutput {
    @usableFromInline let room: UnsafeMutableRawPointer?
    @usableFromInline package private(set) var count = 0

    /// The number of bytes for every number, Boolean and null.
    package static let scalarCapacity = 32

    /// Returns the number of bytes for a text with a number of bytes, all of which may need an escape.
    package static func capacity(ofTextWith byteCount: Int) -> Int { 6 * byteCount + 2 }

    @inlinable package init(_ room: UnsafeMutableRawBufferPointer) {
        self.room = room.baseAddress
    }

    @inlinable @inline(__always)
    package mutating func write(_ byte: UInt8) {
        room?.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    @inlinable @inline(__always)
    package mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, let room else { return }
        (room + count).copyMemory(from: source, byteCount: bytes.count)
        count &+= bytes.count
    }

    @inlinable package mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write($0) }
    }

    @inlinable package mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inlinable package mutating func write(_ value: Int64) {
        if value < 0 { write(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var length = 1
        var power = rest
        while power >= 10 {
            power /= 10
            length &+= 1
        }
        for position in stride(from: count &+ length &- 1, through: count, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            room?.storeBytes(
                of: UInt8(truncatingIfNeeded: digit) &+ UInt8(ascii: "0"), toByteOffset: position, as: UInt8.self)
            rest = quotient
        }
        count &+= length
    }

    /// Writes the shortest digits that read back as the same number. JSON has no number that is not finite.
    @inlinable package mutating func write(_ value: Double) {
        guard value.isFinite else { return write("null") }
        var text = value.description
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a text in quotes.
    @inlinable package mutating func writeText(_ bytes: UnsafeRawBufferPointer) {
        write(UInt8(ascii: "\""))
        var start = 0
        for (index, byte) in bytes.enumerated()
        where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
            write(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
            writeEscape(of: byte)
            start = index &+ 1
        }
        write(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        write(UInt8(ascii: "\""))
    }

    @inlinable mutating func writeEscape(of byte: UInt8) {
        write(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): write(byte)
        case 0x08: write(UInt8(ascii: "b"))
        case 0x09: write(UInt8(ascii: "t"))
        case 0x0A: write(UInt8(ascii: "n"))
        case 0x0C: write(UInt8(ascii: "f"))
        case 0x0D: write(UInt8(ascii: "r"))
        default:
            write("u00")
            for digit in [byte >> 4, byte & 0xF] {
                write(digit.hexadecimalDigit)
            }
        }
    }
}
