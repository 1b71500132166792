#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

// Texts from clients and servers are compared and hashed by their bytes. Swift compares and hashes strings in Unicode normal form,
// which takes quadratic time for a long run of combining marks. Comparing characters has the same problem.
extension StringProtocol {
    /// Whether both texts have the same bytes. O(length), and O(1) when they differ in length.
    package func hasBytes(of other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }

    /// Whether both texts are canonically equivalent, as Swift compares strings.
    ///
    /// - Parameter expected: A text that does not come from a client.
    /// - Returns: Whether both are equal.
    /// - Complexity: Depends only on the length of the expected text. A text that is many times longer is not compared.
    package func isSpelling(of expected: some StringProtocol) -> Bool {
        // The normal form has at least a quarter and at most three times as many UTF-8 bytes as the text.
        utf8.count <= 16 * expected.utf8.count && self == expected
    }
}

extension String {
    /// Whether the text may contain a word, in upper or lower case: false is certain, so that most texts are not parsed.
    ///
    /// - Parameter word: The word in lower case, of letters and hyphens.
    /// - Returns: False if the text does not contain it.
    /// - Complexity: O(length of the text times that of the word), without an allocation.
    package func mayContain(_ word: StaticString) -> Bool {
        let (count, expected) = (word.utf8CodeUnitCount, word.utf8Start)
        guard utf8.count >= count else { return false }
        var text = self
        return text.withUTF8 { bytes in
            for start in 0...bytes.count - count {
                var length = 0
                while length < count, bytes[start + length] | 0x20 == expected[length] { length += 1 }
                if length == count { return true }
            }
            return false
        }
    }

    /// Whether both texts have the same bytes. O(length), and O(1) when they differ in length.
    package func hasBytes(of other: String) -> Bool {
        utf8.count == other.utf8.count && hasBytes(of: other, at: 0)
    }

    /// Whether this text contains the bytes of another one at an offset. O(length of the other).
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
    /// Whether both characters are canonically equivalent. O(1), although a character may have any number of combining marks.
    package func isSpelling(of expected: Character) -> Bool {
        utf8.count <= 16 && self == expected
    }
}

extension Collection<UInt8> {
    /// Whether the bytes equal a lower-case text, ignoring ASCII case. O(length of the text).
    @inlinable package func equalsIgnoringCase(_ text: StaticString) -> Bool {
        remainder(afterIgnoringCase: text)?.isEmpty ?? false
    }

    /// Whether the bytes start with a lower-case text, ignoring ASCII case. O(length of the text).
    package func startsIgnoringCase(with text: StaticString) -> Bool {
        remainder(afterIgnoringCase: text) != nil
    }

    /// The text of the bytes with ASCII letters in lower case. O(length).
    package var asciiLowercased: String {
        String(decoding: map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    @inlinable func remainder(afterIgnoringCase text: StaticString) -> SubSequence? {
        var rest = self[...]
        for expected in UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) {
            guard let byte = rest.popFirst() else { return nil }
            guard (byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte) == expected else { return nil }
        }
        return rest
    }
}

extension BidirectionalCollection<UInt8> {
    /// The bytes without leading and trailing spaces and tabs. O(length).
    @inlinable package var trimmingSpaces: SubSequence {
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let start = firstIndex(where: { !isSpace($0) }), let end = lastIndex(where: { !isSpace($0) }) else {
            return self[endIndex...]
        }
        return self[start...end]
    }
}
