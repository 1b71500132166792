import HTTPPipeline

extension KeyWriter {
    /// Writes a text as the content of a JSON string, escaped as Python's `json.dumps` does (`ensure_ascii`): the short
    /// escapes, and `\u` with four lower-case digits for every other code unit outside U+0020..U+007E.
    @inline(__always)
    mutating func appendEscaped(_ text: String) {
        let written: Void? = text.utf8.withContiguousStorageIfAvailable { appendEscaped(utf8: $0) }
        if written == nil { appendBridged(text) }
    }

    /// Writes a text without contiguous UTF-8, such as a text of Objective-C.
    private mutating func appendBridged(_ text: String) {
        var text = text
        text.withUTF8 { appendEscaped(utf8: $0) }
    }

    /// Writes UTF-8 as the content of a JSON string.
    @inline(__always)
    mutating func appendEscaped(utf8: UnsafeBufferPointer<UInt8>) {
        guard utf8.count <= Self.maximumRoom else { return appendLong(utf8) }
        guard let base = utf8.baseAddress else { return }
        let plain = Self.copyPlainPrefix(of: base, count: utf8.count, to: room(for: utf8.count))
        commit(plain)
        if plain < utf8.count { appendSlowly(UnsafeBufferPointer(rebasing: utf8[plain...])) }
    }

    private mutating func appendLong(_ utf8: UnsafeBufferPointer<UInt8>) {
        let plain = Self.plainPrefix(of: UnsafeRawBufferPointer(utf8))
        append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(utf8)[..<plain]))
        appendSlowly(UnsafeBufferPointer(rebasing: utf8[plain...]))
    }

    /// Copies the bytes before the first one that needs an escape, and returns their number.
    ///
    /// Eight or four bytes are looked at together, the last of them as a word that overlaps what has been copied already:
    /// most texts in a key are shorter than a loop over bytes is worth.
    @inline(__always)
    private static func copyPlainPrefix(
        of source: UnsafePointer<UInt8>,
        count: Int,
        to target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let from = UnsafeRawPointer(source)
        let to = UnsafeMutableRawPointer(target)
        var offset = 0
        if count < 8, count >= 4 {
            let first = from.loadUnaligned(as: UInt32.self)
            let last = from.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            if isPlain(UInt64(first) | UInt64(last) &<< 32) {
                to.storeBytes(of: first, as: UInt32.self)
                to.storeBytes(of: last, toByteOffset: count &- 4, as: UInt32.self)
                return count
            }
        }
        while offset &+ 8 <= count {
            let word = from.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard isPlain(word) else { break }
            to.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
            offset &+= 8
        }
        if offset < count, count >= 8, offset &+ 8 > count {
            let word = from.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
            if isPlain(word) {
                to.storeBytes(of: word, toByteOffset: count &- 8, as: UInt64.self)
                return count
            }
        }
        while offset < count, isPlain(source[offset]) {
            target[offset] = source[offset]
            offset &+= 1
        }
        return offset
    }

    /// Returns the number of leading bytes that need no escape.
    private static func plainPrefix(of bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        while offset &+ 8 <= bytes.count, isPlain(bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) {
            offset &+= 8
        }
        while offset < bytes.count, isPlain(bytes[offset]) { offset &+= 1 }
        return offset
    }

    /// Whether eight bytes stand for themselves. A byte below 0x20, a quote, a backslash, DEL and everything above is found
    /// by arithmetic on the whole word.
    ///
    /// Each term sets the high bit of a byte that needs an escape. A borrow or carry can reach only a byte after one that is
    /// flagged already, so a word without flags is plain.
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quote = word ^ (ones &* 0x22)
        let backslash = word ^ (ones &* 0x5C)
        let special = (word &- ones &* 0x20) | (quote &- ones) | (backslash &- ones) | word | (word &+ ones)
        return special & (ones &* 0x80) == 0
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != 0x22 && byte != 0x5C
    }

    private mutating func appendSlowly(_ utf8: UnsafeBufferPointer<UInt8>) {
        var decoder = UTF8()
        var iterator = utf8.makeIterator()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { appendEscaped(scalar) }
    }

    /// Writes one scalar as part of a JSON string.
    mutating func appendEscaped(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": append("\\\"")
        case "\\": append("\\\\")
        case "\n": append("\\n")
        case "\r": append("\\r")
        case "\t": append("\\t")
        case "\u{8}": append("\\b")
        case "\u{C}": append("\\f")
        case " "..."~": append(UInt8(truncatingIfNeeded: scalar.value))
        default:
            for unit in UTF16.encode(scalar)! { appendEscape(unit) }
        }
    }

    private mutating func appendEscape(_ unit: UInt16) {
        append("\\u")
        for shift: UInt16 in [12, 8, 4, 0] {
            append((UInt8(truncatingIfNeeded: unit &>> shift) & 15).hexadecimalDigit)
        }
    }
}
