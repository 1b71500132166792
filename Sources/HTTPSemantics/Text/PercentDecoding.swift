extension Substring {
    /// The text with every percent-encoded byte decoded (RFC 3986 section 2.1). See ``percentDecoded(plusIsSpace:)``.
    package var percentDecoded: String { percentDecoded(plusIsSpace: false) }

    /// Decodes every percent-encoded byte.
    ///
    /// A percent sign that is not followed by two hexadecimal digits stays as it is. Bytes that are not UTF-8 become U+FFFD.
    ///
    /// - Parameter plusIsSpace: Whether a plus sign stands for a space, as in `application/x-www-form-urlencoded`.
    /// - Returns: The decoded text.
    /// - Complexity: O(length).
    package func percentDecoded(plusIsSpace: Bool) -> String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "%") || plusIsSpace && $0 == UInt8(ascii: "+") }) else {
            return String(self)
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(utf8.count)
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first?.hexadecimalValue,
                let low = rest.dropFirst().first?.hexadecimalValue
            {
                decoded.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
