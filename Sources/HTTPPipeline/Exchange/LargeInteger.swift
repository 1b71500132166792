/// An integer beyond the range of `Int`, as its decimal digits.
///
/// Only its digits are needed: a key holds a number as text, and Python's integers, whose keys are to be matched, have any size.
public struct LargeInteger: Sendable, Hashable, CustomStringConvertible {
    /// The digits, with a minus sign for a negative number and without leading zeros.
    public let description: String

    /// Creates an integer from its decimal digits, or returns nil when the text is no integer, has leading zeros or a plus
    /// sign, or fits an `Int`.
    public init?(_ digits: String) {
        let magnitude = digits.utf8.first == UInt8(ascii: "-") ? digits.utf8.dropFirst() : digits.utf8[...]
        guard let first = magnitude.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first),
            magnitude.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), Int(digits) == nil
        else { return nil }
        description = digits
    }
}
