/// An integer outside the range of `Int`, represented by its decimal digits.
///
/// Keys contain numbers as text and must equal the keys of Python, whose integers are unbounded.
public struct LargeInteger: Sendable, Hashable, CustomStringConvertible {
    /// The digits without leading zeros, preceded by a minus sign for a negative number.
    public let description: String

    /// Creates an integer from its decimal digits. Returns nil when the text is not an integer, has leading zeros or a plus sign, or fits
    /// in an `Int`.
    public init?(_ digits: String) {
        let magnitude = digits.utf8.first == UInt8(ascii: "-") ? digits.utf8.dropFirst() : digits.utf8[...]
        guard let first = magnitude.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first),
            magnitude.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), Int(digits) == nil
        else { return nil }
        description = digits
    }
}
