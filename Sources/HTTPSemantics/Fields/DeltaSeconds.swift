/// Numbers of seconds in header fields (RFC 9111 section 1.2.2).
package enum DeltaSeconds {
    /// The largest number. Larger ones are taken for this one.
    package static let maximum = 1 << 31

    /// Parses a number of seconds.
    ///
    /// - Parameter text: One or more digits.
    /// - Returns: The number, at most ``maximum``; nil when the text is anything else.
    /// - Complexity: O(length).
    package static func parse(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty else { return nil }
        var seconds = 0
        for byte in text.utf8 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            seconds = min(maximum, seconds * 10 + Int(byte - UInt8(ascii: "0")))
        }
        return seconds
    }
}
