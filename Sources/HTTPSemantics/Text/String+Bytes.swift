#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

// What clients and servers send is compared and hashed by its bytes. Swift compares and hashes strings in their normal form, and to
// sort a long run of combining marks takes quadratic time; the same happens where one character is compared with another.
extension StringProtocol {
    /// Whether both texts have the same bytes. O(length), and O(1) when they differ in length.
    package func hasBytes(of other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// Whether Swift considers both texts equal: the same characters, however they are spelled.
    ///
    /// - Parameter expected: A text that no client chooses.
    /// - Returns: Whether both are equal.
    /// - Complexity: Depends on the length of the expected text alone: a text that is many times longer is not compared.
    package func isSpelling(of expected: some StringProtocol) -> Bool {
        // The normal form of a text in UTF-8 has a quarter of its bytes at least, and three times as many at most.
        utf8.count <= 16 * expected.utf8.count && self == expected
    }
}

extension String {
    /// Whether both texts have the same bytes. O(length), and O(1) when they differ in length.
    package func hasBytes(of other: String) -> Bool {
        utf8.count == other.utf8.count && hasBytes(of: other, at: 0)
    }

    /// Whether the bytes of another text begin at a place in this one. O(length of the other).
    package func hasBytes(of other: String, at offset: Int) -> Bool {
        let isFound = utf8.withContiguousStorageIfAvailable { bytes in
            other.utf8.withContiguousStorageIfAvailable { other in
                guard bytes.count - offset >= other.count else { return false }
                guard let start = bytes.baseAddress, let expected = other.baseAddress else { return other.isEmpty }
                return memcmp(start + offset, expected, other.count) == 0
            }
        }
        return (isFound ?? nil) ?? utf8.dropFirst(offset).starts(with: other.utf8)
    }

    /// Hashes the bytes of the text. O(length).
    package func hashBytes(into hasher: inout Hasher) {
        var text = self
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension Character {
    /// Whether Swift considers both characters equal. O(1): a character of a text may have any number of combining marks.
    package func isSpelling(of expected: Character) -> Bool {
        utf8.count <= 16 && self == expected
    }
}

extension Collection<UInt8> {
    /// Whether the bytes are those of a text in lower case, in any letter case. O(length of the text).
    package func equalsIgnoringCase(_ text: StaticString) -> Bool {
        remainder(afterIgnoringCase: text)?.isEmpty ?? false
    }

    /// Whether the bytes begin with those of a text in lower case, in any letter case. O(length of the text).
    package func startsIgnoringCase(with text: StaticString) -> Bool {
        remainder(afterIgnoringCase: text) != nil
    }

    private func remainder(afterIgnoringCase text: StaticString) -> SubSequence? {
        var rest = self[...]
        for expected in UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) {
            guard let byte = rest.popFirst() else { return nil }
            guard (byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) == expected else { return nil }
        }
        return rest
    }
}

extension BidirectionalCollection<UInt8> {
    /// The bytes without the spaces and tabs around them. O(length).
    package var trimmingSpaces: SubSequence {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let start = firstIndex(where: { !isSpace($0) }), let end = lastIndex(where: { !isSpace($0) }) else {
            return self[endIndex...]
        }
        return self[start...end]
    }
}
